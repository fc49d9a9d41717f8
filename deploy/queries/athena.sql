-- Log lines in S3, one JSON object a line: for example by a Firehose subscription of the log groups,
-- in which Firehose decompresses the records and extracts the messages.
-- Lines that are metrics, too, have members that differ in case alone, such as function and Function:
-- with case.insensitive, which is the default, they would count as malformed, and be left out.
CREATE EXTERNAL TABLE IF NOT EXISTS outguard (
  `schema` string,
  `level` string,
  `timestamp` string,
  `function` string,
  `stage` string,
  `region` string,
  `account` string,
  `verdict` string,
  `list` string,
  `rule` string,
  `place` string,
  `policy` string,
  `policies` array<string>,
  `owner` string,
  `reason` string,
  `caller` string,
  `fingerprint` string,
  `count` int,
  `call` struct<kind:string,method:string,url:string,service:string,operation:string,net:string>,
  `remote` struct<version:string,sha256:string,key:string,signed:bigint,cap:string>
)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true', 'case.insensitive' = 'false')
LOCATION 's3://BUCKET/PREFIX/';

-- Who calls what that no rule allows
SELECT function, call.url, call.service, call.operation, call.net, sum(count) AS calls, max(reason) AS why
FROM outguard
WHERE schema = 'outguard.alert/v1' AND list = 'whitelist'
GROUP BY function, call.url, call.service, call.operation, call.net
ORDER BY calls DESC;

-- What was judged by which policy, for an audit
SELECT function, policy, remote.key, remote.signed, verdict, sum(count) AS calls
FROM outguard
WHERE schema = 'outguard.alert/v1'
GROUP BY function, policy, remote.key, remote.signed, verdict
ORDER BY function, calls DESC;
