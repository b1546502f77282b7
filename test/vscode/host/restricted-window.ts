import './restricted.test';
import './commands.test';
