package wechat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// node is an element of a reply: its text, or the elements in it.
type node struct {
	name  string
	text  string
	nodes []node
}

// maxDepth is how deep elements may lie in each other; a reply with news needs four.
const maxDepth = 8

// parseXML reads a document strictly: one root, no attributes, no text between elements, no declarations.
func parseXML(document []byte) (node, error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	d.Strict = true
	root := node{}
	if err := root.read(d, 0); err != nil {
		return node{}, err
	}
	if len(root.nodes) != 1 {
		return node{}, fmt.Errorf("the document has %d roots, not one", len(root.nodes))
	}
	if strings.TrimSpace(root.text) != "" {
		return node{}, errors.New("there is text outside of the root")
	}
	return root.nodes[0], nil
}

// read fills the element from what comes until its end.
func (n *node) read(d *xml.Decoder, depth int) error {
	if depth > maxDepth {
		return errors.New("the elements lie too deep in each other")
	}
	var text strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && depth == 0 {
			n.text = text.String()
			return nil
		}
		if err != nil {
			return fmt.Errorf("the answer is no XML: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(t.Attr) > 0 || t.Name.Space != "" {
				return fmt.Errorf("the element %s has an attribute or a name space", t.Name.Local)
			}
			child := node{name: t.Name.Local}
			if err := child.read(d, depth+1); err != nil {
				return err
			}
			n.nodes = append(n.nodes, child)
		case xml.EndElement:
			n.text = text.String()
			if len(n.nodes) > 0 && strings.TrimSpace(n.text) != "" {
				return fmt.Errorf("there is text between the elements of %s", n.name)
			}
			return nil
		case xml.CharData:
			text.Write(t)
		case xml.ProcInst, xml.Directive:
			return errors.New("there is a declaration in the answer")
		}
	}
}

// fields returns the elements of n by name. Each name that is asked for must be there once, and no other; names that
// end in "?" may be missing.
func (n node) fields(names ...string) (map[string]node, error) {
	found := map[string]node{}
	for _, child := range n.nodes {
		if !slices.Contains(names, child.name) && !slices.Contains(names, child.name+"?") {
			return nil, fmt.Errorf("%s holds an unknown element %s", n.name, child.name)
		}
		if _, twice := found[child.name]; twice {
			return nil, fmt.Errorf("%s holds %s twice", n.name, child.name)
		}
		found[child.name] = child
	}
	for _, name := range names {
		if _, ok := found[name]; !ok && !strings.HasSuffix(name, "?") {
			return nil, fmt.Errorf("%s lacks the element %s", n.name, name)
		}
	}
	return found, nil
}
