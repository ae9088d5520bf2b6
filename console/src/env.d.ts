declare module "virtual:catalogue" {
  /** What a finding type means. */
  export interface TypeInfo {
    trigger: string;
    remediation: string;
    attack?: string[];
  }
  const types: Record<string, TypeInfo>;
  export default types;
}
