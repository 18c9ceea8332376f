package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// field is one setting of a channel account.
type field struct {
	name   string
	usage  string
	secret bool // may stand in a file of its own, named by NAME-file
}

// account is one account of a channel: its settings by their names, its name among them.
type account map[string]string

// defaultAccount is the name of the account that flags and the environment set.
const defaultAccount = "default"

// accounts are those of one kind: any number in the settings' file, one by flags and the environment.
type accounts struct {
	kind   string
	fields []field
	flags  map[string]*string
	listed []account
}

// accounts declares a kind of account: the flag -KIND-FIELD and YINGDA_KIND_FIELD of each field for the
// default one, and in the file a list under KIND.
func (s *settings) accounts(kind string, fields ...field) *accounts {
	a := &accounts{kind: kind, fields: fields, flags: map[string]*string{}}
	for _, f := range fields {
		name := kind + "-" + f.name
		env := "YINGDA_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if f.secret {
			a.flags[f.name] = s.secret(name, env, f.usage)
		} else {
			a.flags[f.name] = s.text(name, env, "", f.usage)
		}
	}
	s.lists[kind] = a
	return a
}

// all are the accounts, the default one first.
func (a *accounts) all() ([]account, error) {
	one := account{"name": defaultAccount}
	for name, value := range a.flags {
		if *value != "" {
			one[name] = *value
		}
	}
	all := slices.Clone(a.listed)
	if len(one) > 1 {
		all = slices.Insert(all, 0, one)
	}
	seen := map[string]bool{}
	for _, one := range all {
		if seen[one["name"]] {
			return nil, usagef("two accounts of %s are named %q; a name tells them apart for ever, for it stands in the database", a.kind, one["name"])
		}
		seen[one["name"]] = true
	}
	return all, nil
}

// read reads the list of the settings' file.
func (a *accounts) read(file string, n yaml.Node) error {
	var items []map[string]string
	if err := n.Decode(&items); err != nil {
		return usagef("%s, line %d: %s is a list of accounts, each with a name and settings", file, n.Line, a.kind)
	}
	for i, item := range items {
		one := account{"name": item["name"]}
		if one["name"] == "" {
			return usagef("%s: account %d of %s has no name", file, i+1, a.kind)
		}
		delete(item, "name")
		for _, f := range a.fields {
			value, err := a.value(f, one["name"], item)
			if err != nil {
				return err
			}
			if value != "" {
				one[f.name] = value
			}
		}
		for name := range item {
			return usagef("%s: no setting %q in an account of %s", file, name, a.kind)
		}
		a.listed = append(a.listed, one)
	}
	return nil
}

// value takes a field out of an item, from a file where it names one.
func (a *accounts) value(f field, name string, item map[string]string) (string, error) {
	value, file := item[f.name], ""
	delete(item, f.name)
	if f.secret {
		file = item[f.name+"-file"]
		delete(item, f.name+"-file")
	}
	if file == "" {
		return value, nil
	}
	what := fmt.Sprintf("%s-file of the %s account %q", f.name, a.kind, name)
	if value != "" {
		return "", usagef("%s is set beside %s; keep one of them", what, f.name)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", usagef("cannot read %s: %v", what, err)
	}
	if value = strings.TrimSpace(string(data)); value == "" {
		return "", usagef("%s: %s is empty", what, file)
	}
	return value, nil
}
