import './dormant.test';
import './commands.test';
