// A trail whose texts an attacker chose: every event switches the trail off, so each raises a finding.
export const TEXTS = [
  "<script>window.stolen=1</script>",
  '"><img src=x onerror="window.stolen=1">',
  "=HYPERLINK(\"http://evil.example\")",
  "@SUM(1+1)*cmd|'/c calc'!A0",
  "innocent\u202egpj.exe",
  "null\u0000bell\u0007escape\u001b[31mred",
  "{{constructor.constructor('window.stolen=1')()}}",
  "javascript:window.stolen=1",
  "zero\u200bwidth\ufeff",
  `long-${"x".repeat(65536 - 5)}`,
];

export function hostileTrail(account, region) {
  const Records = TEXTS.map((text, n) => ({
    eventVersion: "1.08",
    userIdentity: {
      type: "IAMUser",
      principalId: `AIDAHOSTILE${n}`,
      arn: `arn:aws:iam::${account}:user/${text}`,
      accountId: account,
      accessKeyId: `AKIAHOSTILE${n}`,
      userName: text,
    },
    eventTime: `2026-01-05T10:${String(10 + n)}:00Z`,
    eventSource: "cloudtrail.amazonaws.com",
    eventName: "StopLogging",
    awsRegion: region,
    sourceIPAddress: `198.51.100.${10 + n}`,
    userAgent: text,
    requestParameters: { name: text },
    responseElements: null,
    requestID: `00000000-0000-4000-8000-00000000000${n}`,
    eventID: `10000000-0000-4000-8000-00000000000${n}`,
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
  }));
  return { Records };
}
