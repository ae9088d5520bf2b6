import {
  CreatePublishingDestinationCommand,
  UpdatePublishingDestinationCommand,
  type DescribePublishingDestinationResponse,
} from "@aws-sdk/client-guardduty";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useDetector } from "../app/region";
import { Confirm } from "../shared/Confirm";

interface Props {
  /** What is edited; a new one without. */
  destination?: DescribePublishingDestinationResponse;
  onClose: () => void;
  onChanged: () => void;
}

/** Where findings are exported to. The API knows buckets alone, and wants a key with each. */
export function DestinationForm({ destination, onClose, onChanged }: Props) {
  const { client, detectorId: DetectorId } = useDetector();
  const [bucket, setBucket] = useState(destination?.DestinationProperties?.DestinationArn ?? "");
  const [key, setKey] = useState(destination?.DestinationProperties?.KmsKeyArn ?? "");

  async function save() {
    const DestinationProperties = { DestinationArn: bucket.trim(), KmsKeyArn: key.trim() };
    if (destination) {
      await client.send(new UpdatePublishingDestinationCommand({ DetectorId, DestinationId: destination.DestinationId, DestinationProperties }));
    } else {
      await client.send(new CreatePublishingDestinationCommand({ DetectorId, DestinationType: "S3", DestinationProperties }));
    }
    onChanged();
  }

  return (
    <Confirm
      title={destination ? "Edit the destination" : "Add a destination"}
      action={destination ? "Save" : "Add"}
      incomplete={!bucket.trim() || !key.trim()}
      run={save}
      onClose={onClose}
    >
      <FormField label="Bucket" description="The bucket's ARN, with a prefix if you like" constraintText="arn:aws:s3:::BUCKET/PREFIX">
        <Input value={bucket} onChange={({ detail }) => setBucket(detail.value)} />
      </FormField>
      <FormField label="Key" description="The ARN of the KMS key that encrypts what is written" constraintText="arn:aws:kms:REGION:ACCOUNT:key/ID">
        <Input value={key} onChange={({ detail }) => setKey(detail.value)} />
      </FormField>
    </Confirm>
  );
}
