package main

// queries group the lines where the logs are, so that few have to be fetched: learn, diff -next and
// report read their results. A group is what these take for one call. Lines about starts are
// there because diff -next goes by the next policy that ran last.
const queries = `# CloudWatch Logs Insights: one line for each distinct call. Its count is that of the last line alone.
fields @message
| filter schema in ["outguard.alert/v1", "outguard.seen/v1", "outguard.next/v1", "outguard.start/v1"]
| stats latest(@message) as message by schema, function, stage, region, account, fingerprint, form, against.0.reason, next.file, next.sha256, next.verdict
| limit 10000

-- Athena, over an export to S3 as a table logs(line string)
SELECT max_by(event, coalesce(json_extract_scalar(event, '$.time'), json_extract_scalar(event, '$.timestamp'))) AS message
FROM (SELECT regexp_extract(line, '\{.*\}') AS event FROM logs WHERE line LIKE '%"schema":"outguard.%')
WHERE json_extract_scalar(event, '$.schema') IN ('outguard.alert/v1', 'outguard.seen/v1', 'outguard.next/v1', 'outguard.start/v1')
GROUP BY json_extract_scalar(event, '$.schema'), json_extract_scalar(event, '$.function'), json_extract_scalar(event, '$.stage'),
  json_extract_scalar(event, '$.region'), json_extract_scalar(event, '$.account'), json_extract_scalar(event, '$.fingerprint'),
  json_extract_scalar(event, '$.form'), json_extract(event, '$.against') IS NULL,
  json_extract_scalar(event, '$.next.file'), json_extract_scalar(event, '$.next.sha256'), json_extract_scalar(event, '$.next.verdict')
`
