import PropertyFilter, { type PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { useMemo, type Ref } from "react";
import { ATTRIBUTES, attribute } from "../logic/attributes";
import type { Operator, Token } from "../logic/token";
import { SEVERITIES } from "../logic/severity";

interface Props {
  tokens: readonly Token[];
  onChange: (tokens: Token[]) => void;
  /** Types that there are, to choose from. */
  types: readonly string[];
  count?: string;
  focus?: Ref<PropertyFilterProps.Ref>;
}

const TEXTS: Operator[] = ["=", "!=", ":", "!:"];
const ORDERS: Operator[] = [">=", "<=", ">", "<"];
const FROM: Record<string, string> = { Critical: "9", High: "7", Medium: "4", Low: "1" };

/** `kind` decides what may be compared; numbers and times are ordered first. */
const PROPERTIES: PropertyFilterProps.FilteringProperty[] = ATTRIBUTES.map(({ path, label, kind, usual }) => ({
  key: path,
  propertyLabel: label,
  groupValuesLabel: `Values of ${label}`,
  group: usual ? undefined : "every",
  operators: kind === "text" ? TEXTS : kind === "time" ? ORDERS : [...ORDERS, "=", "!="],
  defaultOperator: kind === "text" ? "=" : ">=",
}));

/** Tokens over every attribute; what is typed without one is looked for in the types. */
export function Filter({ tokens, onChange, types, count, focus }: Props) {
  const options = useMemo(
    () => [
      ...types.map((value) => ({ propertyKey: "type", value })),
      ...SEVERITIES.map((name) => ({ propertyKey: "severity", value: FROM[name] ?? "", label: `${FROM[name]} (${name})` })),
      ...["Instance", "AccessKey", "S3Bucket"].map((value) => ({ propertyKey: "resource.resourceType", value })),
      ...["TARGET", "ACTOR"].map((value) => ({ propertyKey: "service.resourceRole", value })),
    ],
    [types],
  );
  return (
    <PropertyFilter
      ref={focus}
      query={{ operation: "and", tokens: tokens.map(({ path, operator, value }) => ({ propertyKey: path, operator, value })) }}
      onChange={({ detail }) => onChange(detail.tokens.flatMap(tokenOf))}
      filteringProperties={PROPERTIES}
      filteringOptions={options}
      customGroupsText={[{ group: "every", properties: "Every other attribute", values: "Values" }]}
      filteringPlaceholder="Filter findings (press /)"
      filteringAriaLabel="Filter findings"
      countText={count}
      hideOperations
      expandToViewport
      virtualScroll
      filteringConstraintText="Several = of one attribute are alternatives. : matches with * and ?."
    />
  );
}

function tokenOf(token: PropertyFilterProps.Token): Token[] {
  const path = token.propertyKey;
  const value = String(token.value).trim();
  if (value === "") return [];
  if (path === undefined) return [{ path: "type", operator: token.operator.startsWith("!") ? "!:" : ":", value: `*${value}*` }];
  return attribute(path) ? [{ path, operator: token.operator as Operator, value }] : [];
}
