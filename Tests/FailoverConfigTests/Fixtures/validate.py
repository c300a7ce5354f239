"""Validates YAML files against a JSON Schema: validate.py SCHEMA FILE...

Prints one line per file: its path, a tab, and valid, invalid or unparsable.
"""

import json
import sys

import jsonschema
import yaml

schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
# YAML 1.2 knows no dates: a day is text, as it is for editors.
loader = yaml.SafeLoader
loader.yaml_implicit_resolvers = {
    letter: [entry for entry in entries if entry[0] != "tag:yaml.org,2002:timestamp"]
    for letter, entries in loader.yaml_implicit_resolvers.items()
}
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    try:
        document = yaml.load(open(path, encoding="utf-8"), loader)
    except yaml.YAMLError:
        print(path, "unparsable", sep="\t")
        continue
    print(path, "valid" if validator.is_valid(document) else "invalid", sep="\t")
