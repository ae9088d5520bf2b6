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

declare module "virtual:messages/findings" {
  import type { I18nProviderProps } from "@cloudscape-design/components/i18n";
  /** What the components say that only the list of findings has. */
  const messages: I18nProviderProps.Messages;
  export default messages;
}
