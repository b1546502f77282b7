import './activation.test';
import './runs.test';
