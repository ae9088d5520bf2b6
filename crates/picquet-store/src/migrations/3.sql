CREATE INDEX finding_type_severity ON finding (detector, type, archived, severity, id);
