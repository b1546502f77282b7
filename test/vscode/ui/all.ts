import './learner-folder.test';
