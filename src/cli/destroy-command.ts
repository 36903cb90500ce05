export async function destroy(_: unknown): Promise<number> {
  return 0;
}
