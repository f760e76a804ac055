import { main } from './cli.ts';

const status = await main(process.argv.slice(2));
// A long poll that can't be cancelled would keep the process for half a minute; what was printed goes out first.
process.stdout.write('', () => process.exit(status));
