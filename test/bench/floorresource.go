package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	logicalID  = "aws:cdk:cloudformation:logicalId"
	properties = "aws:cdk:cloudformation:props"
)

// collect finds the resources below a construct, by logical id. tree.json has their
// properties as the L1 classes take them.
func collect(n treeNode, into map[string]treeNode) {
	if id, ok := n.Attributes[logicalID].(string); ok {
		into[id] = n
	}
	for _, child := range n.Children {
		collect(child, into)
	}
}

// declarationOrder puts what is referred to before what refers to it.
func declarationOrder(s *stack, nodes map[string]treeNode) []treeNode {
	ids := sortedKeys(nodes)
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(nodes[a].Path, nodes[b].Path) })
	var order []treeNode
	visited := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		n, known := nodes[id]
		if !known || visited[id] {
			return
		}
		visited[id] = true
		for _, r := range references(n.Attributes[properties]) {
			visit(r)
		}
		order = append(order, n)
	}
	for _, id := range ids {
		visit(id)
	}
	return order
}

// references are the logical ids that a value names, in a stable order.
func references(value any) []string {
	var found []string
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			found = append(found, references(one)...)
		}
	case map[string]any:
		if id, ok := v["Ref"].(string); ok {
			return []string{id}
		}
		if pair, ok := v["Fn::GetAtt"].([]any); ok {
			id, _ := pair[0].(string)
			return []string{id}
		}
		for _, key := range sortedKeys(v) {
			found = append(found, references(v[key])...)
		}
	}
	return found
}

// resource declares one, with what its template says beside its properties.
func (g *source) resource(v, scope string, s *stack, n treeNode) {
	id := n.Attributes[logicalID].(string)
	class := strings.TrimPrefix(n.ConstructInfo.FQN, "aws-cdk-lib.")
	module, _, inModule := strings.Cut(class, ".")
	if inModule {
		g.modules[module] = true
	} else {
		class = "cdk." + class
	}
	g.line("const %s = new %s(%s, %s, %s)", v, class, scope, g.text(id), g.expression(s, declared(n, s.resources[id])))
	g.variables[s.name+"/"+id] = v

	template := s.resources[id]
	retained := template["DeletionPolicy"] == "RetainExceptOnCreate" && template["UpdateReplacePolicy"] == "Retain"
	if retained {
		g.line("%s.applyRemovalPolicy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)", v)
	}
	for _, key := range sortedKeys(template) {
		switch key {
		case "Type", "Properties", "DependsOn":
		case "DeletionPolicy", "UpdateReplacePolicy":
			if !retained {
				g.line("%s.addOverride(%s, %s)", v, quote(key), g.expression(s, template[key]))
			}
		case "Metadata":
			metadata, _ := template[key].(map[string]any)
			for _, name := range sortedKeys(metadata) {
				if !strings.HasPrefix(name, "aws:") { // the CDK's own
					g.line("%s.addMetadata(%s, %s)", v, quote(name), g.expression(s, metadata[name]))
				}
			}
		default:
			g.line("%s.addOverride(%s, %s)", v, quote(key), g.expression(s, template[key]))
		}
	}
	acknowledged := s.acknowledged[n.Path]
	for _, rule := range sortedKeys(acknowledged) {
		g.line("cdk.Validations.of(%s).acknowledge({ id: %s, reason: %s })", v, quote(rule), g.text(acknowledged[rule]))
	}
}

// declared are the properties of a resource without tags that an aspect put on it and
// the app took off again.
func declared(n treeNode, template resource) any {
	props, _ := n.Attributes[properties].(map[string]any)
	written, _ := template["Properties"].(map[string]any)
	tagged := slices.ContainsFunc(sortedKeys(written), func(key string) bool { return strings.Contains(key, "Tags") })
	if _, ok := props["tags"]; ok && !tagged {
		props = maps.Clone(props)
		delete(props, "tags")
	}
	return props
}

// text is a string that may differ between clients.
func (g *source) text(s string) string {
	g.texts = append(g.texts, s)
	return string(placeholder)
}

// expression is the JavaScript of a value of a template. A reference becomes one to
// the variable, also across stacks.
func (g *source) expression(s *stack, value any) string {
	switch v := value.(type) {
	case nil:
		return "undefined"
	case string:
		return g.text(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = g.expression(s, v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return g.intrinsic(s, name, argument)
				}
			}
		}
		parts := make([]string, 0, len(v))
		for _, key := range sortedKeys(v) {
			parts = append(parts, quote(key)+": "+g.expression(s, v[key]))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return fmt.Sprint(value) // a number or a boolean
}

var pseudo = map[string]string{
	"AWS::AccountId": "ACCOUNT_ID", "AWS::NoValue": "NO_VALUE", "AWS::Partition": "PARTITION", "AWS::Region": "REGION",
	"AWS::StackId": "STACK_ID", "AWS::StackName": "STACK_NAME", "AWS::URLSuffix": "URL_SUFFIX",
}

func (g *source) intrinsic(s *stack, name string, argument any) string {
	switch a := argument.(type) {
	case string:
		if name == "Ref" {
			if constant, ok := pseudo[a]; ok {
				return "cdk.Aws." + constant
			}
			if v, ok := g.variables[s.name+"/"+a]; ok {
				return v + ".ref"
			}
			return "cdk.Fn.ref(" + g.text(a) + ")"
		}
	case []any:
		switch name {
		case "Fn::GetAtt":
			if v, ok := g.variables[s.name+"/"+a[0].(string)]; ok {
				return v + ".getAtt(" + quote(a[1].(string)) + ").toString()"
			}
			return "cdk.Fn.getAtt(" + g.text(a[0].(string)) + ", " + quote(a[1].(string)) + ").toString()"
		case "Fn::Join":
			return "cdk.Fn.join(" + g.expression(s, a[0]) + ", " + g.expression(s, a[1]) + ")"
		}
	case map[string]any:
		if name == "Fn::GetStackOutput" {
			if producer, ok := g.stacks[fmt.Sprint(a["StackName"])]; ok {
				if output, ok := producer.outputs[fmt.Sprint(a["OutputName"])]; ok {
					return g.expression(producer, output["Value"])
				}
			}
		}
	}
	if name == "Fn::Base64" {
		return "cdk.Fn.base64(" + g.expression(s, argument) + ")"
	}
	return "cdk.Token.asString({ " + quote(name) + ": " + g.expression(s, argument) + " })"
}

func list(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	return nil
}
