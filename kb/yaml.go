package kb

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/yingda/yingda/finding"
)

// yamlError splits the line number off a YAML error. The library writes "yaml: line 3: …".
func yamlError(err error) (line int, msg string) {
	msg = strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(msg, "line "); ok {
		if num, text, found := strings.Cut(rest, ": "); found {
			if n, err := strconv.Atoi(num); err == nil {
				return n, text
			}
		}
	}
	return 1, msg
}

// decodeYAML reads strict YAML into target and reports what is wrong with it: nothing when target holds it.
func decodeYAML(file string, data []byte, target any) (found finding.List) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err := dec.Decode(target)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	report := func(err error, prefix, fix string) {
		line, text := yamlError(err)
		found = append(found, finding.Finding{File: file, Line: line, Level: finding.Error, Text: prefix + text, Fix: fix})
	}
	var many *yaml.TypeError
	if !errors.As(err, &many) {
		report(err, "not YAML: ", "quote text that contains ': ' or '#'")
		return found
	}
	for _, one := range many.Errors {
		report(errors.New(one), "", "see the comments at the head of the bundled file")
	}
	return found
}
