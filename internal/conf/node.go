package conf

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// sane refuses what a strict file may not hold: anchors, aliases, tags, merge
// keys, duplicate keys, too much nesting. It counts with a plain stack, so that
// a hostile file cannot make it recurse.
func (d *Doc) sane(root *yaml.Node) bool {
	type item struct {
		n     *yaml.Node
		depth int
	}
	nodes := 0
	for stack := []item{{root, 1}}; len(stack) > 0; {
		it := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if nodes++; nodes > MaxNodes || it.depth > MaxDepth {
			d.add(posOf(it.n), fmt.Sprintf("too large: more than %d values or nested deeper than %d", MaxNodes, MaxDepth), "split the file")
			return false
		}
		d.saneNode(it.n)
		for _, c := range it.n.Content {
			stack = append(stack, item{c, it.depth + 1})
		}
		if len(d.errs) >= MaxErrors {
			return false
		}
	}
	return len(d.errs) == 0
}

func (d *Doc) saneNode(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		d.add(posOf(n), "*"+n.Value+" is a YAML alias; aliases are not allowed", `put the text in quotes, as "*`+n.Value+`"`)
	case n.Anchor != "":
		d.add(posOf(n), "&"+n.Anchor+" is a YAML anchor; anchors are not allowed", "write the value out, or put the text in quotes")
	case n.Style&yaml.TaggedStyle != 0:
		d.add(posOf(n), n.Tag+" is a YAML tag; tags are not allowed", "remove it, or put the text in quotes")
	case n.Kind == yaml.MappingNode:
		d.saneKeys(n)
	}
}

func (d *Doc) saneKeys(n *yaml.Node) {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			d.add(posOf(key), "a key must be a word", "write `key: value`")
			continue
		}
		if first, twice := seen[key.Value]; twice {
			d.add(posOf(key), fmt.Sprintf("the key %q is already on line %d", key.Value, first), "remove one of the two")
		}
		seen[key.Value] = key.Line
	}
}

func posOf(n *yaml.Node) Pos { return Pos{max(n.Line, 1), max(n.Column, 1)} }

// isNull tells whether nothing stands where a value is expected.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && (n.Value == "" || n.Value == "~" || n.Value == "null")
}

// Nearest is the candidate that differs least from word, or nothing when none is
// near: it makes the mend of a mistyped key.
func Nearest(word string, candidates []string) string {
	best, least := "", 1+len(word)/3
	for _, c := range candidates {
		if dist := distance(strings.ToLower(word), strings.ToLower(c)); dist <= least {
			best, least = c, dist-1
		}
	}
	return best
}

// distance is Levenshtein's, over bytes; words are short.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
