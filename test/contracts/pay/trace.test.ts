import { openPay, book, settle } from '../support/pay.ts';
const { operatorOf, fresh } = await openPay();
it('traces', async () => {
  const rig = await fresh();
  const { payroll, id } = rig;
  const operator = operatorOf(0).account.address;
  for (let i = 0; i < 4; i++) await book(rig);
  await payroll.write.claim([operator, id, 1n]);
  const hash = await payroll.write.claim([operator, id, 1n]);
  const t: any = await (rig.client as any).request({ method: 'debug_traceTransaction', params: [hash, {}] });
  const sums = new Map<string, [number, number]>();
  for (const l of t.structLogs) {
    const cost = ['CALL', 'STATICCALL', 'DELEGATECALL'].includes(l.op) ? 0 : l.gasCost;
    const key = `${l.depth} ${['SLOAD','SSTORE','KECCAK256','LOG3','LOG4','TLOAD','TSTORE','CALL','STATICCALL'].includes(l.op) ? l.op : 'other'}`;
    const [n, g] = sums.get(key) ?? [0, 0];
    sums.set(key, [n + 1, g + cost]);
    if (['SLOAD', 'SSTORE'].includes(l.op)) console.log(l.depth, l.op, l.gasCost);
  }
  console.log(t.gas, Object.fromEntries(sums));
});
