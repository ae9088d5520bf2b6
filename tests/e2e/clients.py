"""What tests of other clients than boto3 share: their environment, and where Terraform's providers are."""

import os
from pathlib import Path

from server import REGION


def environment(server, user: str = "admin") -> dict:
    """The variables by which clients find the server, trust it and sign as one of its users."""
    key = server.users[user]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PICQUET_"))}
    return {
        **clean,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_ENDPOINT_URL_GUARDDUTY": server.url,
        "AWS_ENDPOINT_URL_STS": server.url,
        "AWS_CA_BUNDLE": str(server.data / "ca.pem"),
        "NODE_EXTRA_CA_CERTS": str(server.data / "ca.pem"),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


def mirror() -> Path | None:
    """A local mirror of Terraform's providers that has the one of AWS."""
    given = os.environ.get("TERRAFORM_PROVIDER_MIRROR")
    roots = [Path(given)] if given else []
    roots += [Path.home() / ".terraform.d" / "plugins", Path("/usr/local/share/terraform/plugins")]
    roots += [Path("/usr/share/terraform/plugins"), *sorted(Path("/opt").glob("*"))]
    found = (root for root in roots if (root / "registry.terraform.io" / "hashicorp" / "aws").is_dir())
    return next(found, None)
