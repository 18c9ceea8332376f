package cli

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/yingda/yingda/node"
)

// defaultAccount is the name of the account that flags and the environment set.
const defaultAccount = "default"

// accounts are those of one kind of channel: any number in the settings' file, one by flags and the environment.
type accounts struct {
	kind   node.ChannelKind
	s      *settings
	flags  map[string]*string // by field, of the default account
	listed []node.Account     // in the file
}

// declareAccounts declares a kind of account: the flag -KIND-FIELD and YINGDA_KIND_FIELD of each field for the
// default one, and in the file a list under KIND.
func (s *settings) declareAccounts(kind node.ChannelKind) *accounts {
	a := &accounts{kind: kind, s: s, flags: map[string]*string{}}
	for _, f := range kind.Fields {
		name := strings.TrimSuffix(kind.Setting+"-"+f.Name, "-")
		env := "YINGDA_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		value := new(string)
		if a.flags[f.Name] = value; f.Secret {
			s.secretVar(value, name, env, f.Usage)
		} else {
			s.textVar(value, name, env, "", f.Usage)
		}
	}
	if !kind.Single {
		s.lists[kind.Setting] = a.decode
	}
	return a
}

// all are the accounts, the default one first.
func (a *accounts) all() ([]node.Account, error) {
	one := node.Account{"name": defaultAccount}
	for name, value := range a.flags {
		if *value != "" {
			one[name] = *value
		}
	}
	all := slices.Clone(a.listed)
	if len(one) > 1 {
		all = slices.Insert(all, 0, one)
	}
	known := map[string]bool{}
	for _, account := range all {
		name := account["name"]
		if known[name] {
			return nil, usagef("two accounts of %s are named %q; a name tells them apart for ever, for it stands in the database", a.kind.Setting, name)
		}
		known[name] = true
	}
	return all, nil
}

// decode takes the list of the settings' file.
func (a *accounts) decode(file string, n yaml.Node) error {
	var items []map[string]string
	if err := n.Decode(&items); err != nil {
		return usagef("%s, line %d: %s is a list of accounts, each with a name and settings", file, n.Line, a.kind.Setting)
	}
	for i, item := range items {
		one := node.Account{"name": item["name"]}
		if one["name"] == "" {
			return usagef("%s: account %d of %s has no name", file, i+1, a.kind.Setting)
		}
		delete(item, "name")
		for _, f := range a.kind.Fields {
			value, secretFile := item[f.Name], ""
			delete(item, f.Name)
			if f.Secret {
				secretFile = item[f.Name+"-file"]
				delete(item, f.Name+"-file")
				if value != "" {
					a.s.opened[file] = true
				}
			}
			of := fmt.Sprintf(" of the %s account %q", a.kind.Setting, one["name"])
			value, err := a.s.readSecret(f.Name, of, value, secretFile)
			if err != nil {
				return err
			}
			if value != "" {
				one[f.Name] = value
			}
		}
		for name := range item {
			return usagef("%s: no setting %q in an account of %s", file, name, a.kind.Setting)
		}
		a.listed = append(a.listed, one)
	}
	return nil
}
