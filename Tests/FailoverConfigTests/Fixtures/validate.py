"""Validates YAML files against a JSON Schema: validate.py SCHEMA FILE...

Prints one line per file: its path, a tab, and valid, invalid or unparsable.
"""

import json
import sys

import jsonschema
import yaml

schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    try:
        document = yaml.safe_load(open(path, encoding="utf-8"))
    except yaml.YAMLError:
        print(path, "unparsable", sep="\t")
        continue
    print(path, "valid" if validator.is_valid(document) else "invalid", sep="\t")
