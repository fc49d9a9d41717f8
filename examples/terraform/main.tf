# Two functions and the one policy of their calls.

variable "stage" {
  type    = string
  default = "dev"
}

variable "alarm_topic" {
  type        = string
  description = "The ARN of the SNS topic that alarms go to"
}

locals {
  functions = {
    checkout = ["dynamodb:GetItem", "dynamodb:PutItem"]
    refund   = ["dynamodb:UpdateItem"]
  }
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders-${var.stage}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

# build.sh puts each function's binary and its part of the policy into build/FUNCTION.
data "archive_file" "function" {
  for_each    = local.functions
  type        = "zip"
  source_dir  = "${path.module}/build/${each.key}"
  output_path = "${path.module}/build/${each.key}.zip"
}

resource "aws_lambda_function" "function" {
  for_each         = local.functions
  function_name    = "${each.key}-${var.stage}"
  role             = aws_iam_role.function[each.key].arn
  runtime          = "provided.al2023"
  architectures    = ["arm64"]
  handler          = "bootstrap"
  timeout          = 10
  filename         = data.archive_file.function[each.key].output_path
  source_code_hash = data.archive_file.function[each.key].output_base64sha256

  environment {
    variables = {
      STAGE = var.stage
      TABLE = aws_dynamodb_table.orders.name
      # One metric for all functions: an alarm on it needs no edit when a function is added.
      OUTGUARD_METRICS = "aggregate"
    }
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions
  name     = "${each.key}-${var.stage}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "log" {
  for_each   = local.functions
  role       = aws_iam_role.function[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_role_policy" "orders" {
  for_each = local.functions
  name     = "orders"
  role     = aws_iam_role.function[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = each.value
      Resource = aws_dynamodb_table.orders.arn
    }]
  })
}

# The line of each violation is a metric in CloudWatch's embedded format. This alarm is for all
# functions of the account and region.
resource "aws_cloudwatch_metric_alarm" "calls_blocked" {
  alarm_name          = "outguard-blocked-${var.stage}"
  alarm_description   = "Outguard refused a call"
  namespace           = "Outguard"
  metric_name         = "Violations"
  dimensions          = { Stage = var.stage, Verdict = "block" }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}
