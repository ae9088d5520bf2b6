import { expect, test } from "vitest";
import { sentence } from "./sentence";

const say = (finding: unknown) => sentence(finding as never);
const instance = { ResourceType: "Instance", InstanceDetails: { InstanceId: "i-1" } };
const ip = { IpAddressV4: "198.51.100.7", Country: { CountryName: "Dominica" } };

test("calls, connections, names and probes are told", () => {
  const key = { ResourceType: "AccessKey", AccessKeyDetails: { UserName: "ann" } };
  const api = { AwsApiCallAction: { Api: "StopLogging", ServiceName: "cloudtrail.amazonaws.com", RemoteIpDetails: ip } };
  expect(say({ Resource: key, Service: { Count: 5, Action: api } })).toBe(
    "ann called StopLogging of cloudtrail.amazonaws.com from 198.51.100.7 (Dominica), among 5 calls.",
  );
  const inbound = {
    NetworkConnectionAction: { ConnectionDirection: "INBOUND", LocalPortDetails: { Port: 22, PortName: "SSH" }, RemoteIpDetails: ip },
  };
  expect(say({ Resource: instance, Service: { Count: 1240, Action: inbound } })).toBe(
    "198.51.100.7 (Dominica) connected to port 22 (SSH) of i-1 1,240 times.",
  );
  const outbound = {
    NetworkConnectionAction: { ConnectionDirection: "OUTBOUND", RemotePortDetails: { Port: 443, PortName: "Unknown" }, RemoteIpDetails: ip, Blocked: true },
  };
  expect(say({ Resource: instance, Service: { Action: outbound } })).toBe(
    "i-1 connected to port 443 of 198.51.100.7 (Dominica); it was blocked.",
  );
  expect(say({ Resource: instance, Service: { Action: { DnsRequestAction: { Domain: "bad.example" } } } })).toBe(
    "i-1 asked for bad.example.",
  );
  const probes = [1, 2, 2].map((n) => ({ RemoteIpDetails: { IpAddressV4: `198.51.100.${n}` }, LocalPortDetails: { Port: 6379 } }));
  expect(say({ Resource: instance, Service: { Action: { PortProbeAction: { PortProbeDetails: probes } } } })).toBe(
    "198.51.100.1 and 1 other probed port 6379 of i-1.",
  );
});

test("what is not known is described", () => {
  expect(say({ Description: "It happened." })).toBe("It happened.");
  expect(say({})).toBe("");
});
