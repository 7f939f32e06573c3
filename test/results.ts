// Tests run in several processes, which tell each other results as JSON: the error of a failed test that holds a bigint
// would be lost, with its whole file.
const { send } = process;

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);

if (send !== undefined)
  process.send = (message: unknown, ...rest: readonly unknown[]): boolean =>
    Reflect.apply(send, process, [JSON.parse(JSON.stringify(message, text)), ...rest]) as boolean;
