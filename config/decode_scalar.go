package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	wholeNumber   = regexp.MustCompile(`^-?(0|[1-9][0-9_]*)$`)
	decimalNumber = regexp.MustCompile(`^-?(0|[1-9][0-9_]*)(\.[0-9]+)?$`)
	withUnit      = regexp.MustCompile(`^\s*0*([1-9][0-9]{0,8})\s*[A-Za-z%]*\s*$`)
)

func (d *decoder) scalar(n *yaml.Node, path string, v reflect.Value) {
	key := d.key(path)
	if n.Kind != yaml.ScalarNode {
		d.refuse(n, path, kindOf(n)+" stands where "+article(key, v)+" belongs", "write it on the line of the key")
		return
	}
	switch v.Kind() {
	case reflect.String:
		d.text(n, path, key, v)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.refuse(n, path, fmt.Sprintf("%q is not true or false", clip(n.Value)), boolFix(n))
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		if n.Tag != "!!int" || !wholeNumber.MatchString(n.Value) {
			d.refuse(n, path, fmt.Sprintf("%q is not %s", clip(n.Value), article(key, v)), numberFix(key, n.Value))
			return
		}
		number, err := strconv.Atoi(strings.ReplaceAll(n.Value, "_", ""))
		if err != nil {
			d.refuse(n, path, clip(n.Value)+" is too large a number", numberFix(key, ""))
			return
		}
		found, fix := key.number(float64(number))
		d.refuse(n, path, found, fix)
		v.SetInt(int64(number))
	case reflect.Float64:
		if (n.Tag != "!!int" && n.Tag != "!!float") || !decimalNumber.MatchString(n.Value) {
			d.refuse(n, path, fmt.Sprintf("%q is not %s", clip(n.Value), article(key, v)), numberFix(key, n.Value))
			return
		}
		number, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
		if err != nil {
			d.refuse(n, path, clip(n.Value)+" is too large a number", numberFix(key, ""))
			return
		}
		found, fix := key.number(number)
		d.refuse(n, path, found, fix)
		v.SetFloat(number)
	}
}

// text decodes a text. YAML reads an unquoted 012345678901 or 17.10 as a number
// and would drop digits, so only what YAML itself calls a text is taken.
func (d *decoder) text(n *yaml.Node, path string, key Key, v reflect.Value) {
	if n.Tag != "!!str" {
		reading := map[string]string{
			"!!int": "a number, which can lose digits", "!!float": "a number, which can lose digits",
			"!!bool": "yes or no", "!!timestamp": "a date",
		}[n.Tag]
		if reading == "" {
			reading = "something other than text"
		}
		d.refuse(n, path, fmt.Sprintf("YAML reads %s as %s", clip(n.Value), reading), fmt.Sprintf("put it in quotes: %q", clip(n.Value)))
		return
	}
	found, fix := key.text(n.Value)
	d.refuse(n, path, found, fix)
	v.SetString(n.Value)
}

// article is what a scalar key takes, in words.
func article(key Key, v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number" + key.of()
	case reflect.Float64:
		return "a number" + key.of()
	default:
		return "a text"
	}
}

func numberFix(key Key, value string) string {
	if m := withUnit.FindStringSubmatch(value); m != nil {
		return "write " + m[1] + ", without quotes or a unit"
	}
	if key.Max > key.Min {
		return fmt.Sprintf("choose one from %s to %s", format(key.Min), format(key.Max))
	}
	return "write digits only"
}

func boolFix(n *yaml.Node) string {
	switch strings.ToLower(n.Value) {
	case "yes", "y", "on", "1", "true", "enabled":
		return "write true, without quotes"
	case "no", "n", "off", "0", "false", "disabled":
		return "write false, without quotes"
	}
	return "write true or false"
}
