package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeFloor writes the Node program that declares with L1 constructs what an
// assembly holds. Clients whose program differs in values only share one function.
func writeFloor(assemblyDir, runtimes, path string) error {
	a, err := readAssembly(assemblyDir)
	if err != nil {
		return err
	}
	clients := map[string][]*stack{}
	for _, s := range a.stacks {
		client := strings.Split(s.name, "-")[1]
		clients[client] = append(clients[client], s)
	}
	modules := map[string]bool{}
	shapes := map[string][]clientSource{}
	for _, name := range sortedKeys(clients) {
		c, err := sourceOf(clients[name], assemblyDir, runtimes, modules)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		shapes[c.code] = append(shapes[c.code], c)
	}

	var b strings.Builder
	b.WriteString("\"use strict\";\nconst { createHash } = require(\"crypto\");\nconst { readFileSync } = require(\"fs\");\nconst cdk = require(\"aws-cdk-lib\");\n")
	for _, m := range sortedKeys(modules) {
		fmt.Fprintf(&b, "const %s = require(\"aws-cdk-lib/%s\");\n", m, strings.ReplaceAll(m, "_", "-"))
	}
	b.WriteString(`
const hashes = {};
const sha256 = path => hashes[path] ??= createHash("sha256").update(readFileSync(path)).digest("hex");

const app = new cdk.App();
`)
	for i, code := range sortedKeys(shapes) {
		writeShape(&b, i, shapes[code])
	}
	b.WriteString("\napp.synth();\n")
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// clientSource is the declarations of one client with a placeholder for each text,
// and the texts.
type clientSource struct {
	code  string
	texts []string
}

const placeholder = '\x00'

// writeShape writes a function for the clients of one shape and the loop that calls
// it. A text that all of them share stands in the function.
func writeShape(b *strings.Builder, number int, clients []clientSource) {
	var differing []int
	replacement := make([]string, len(clients[0].texts))
	columns := map[string]int{} // by the values of all clients, each once
	for i, text := range clients[0].texts {
		column := ""
		same := true
		for _, c := range clients {
			column += c.texts[i] + "\x00"
			same = same && c.texts[i] == text
		}
		if same {
			replacement[i] = quote(text)
			continue
		}
		at, known := columns[column]
		if !known {
			at = len(differing)
			columns[column] = at
			differing = append(differing, i)
		}
		replacement[i] = fmt.Sprintf("c[%d]", at)
	}
	fmt.Fprintf(b, "\nfunction client%d(c) {\n", number)
	parts := strings.Split(clients[0].code, string(placeholder))
	for i, part := range parts {
		b.WriteString(part)
		if i < len(parts)-1 {
			b.WriteString(replacement[i])
		}
	}
	fmt.Fprintf(b, "}\nfor (const c of [\n")
	for _, c := range clients {
		values := []string{}
		for _, i := range differing {
			values = append(values, c.texts[i])
		}
		row, _ := json.Marshal(values)
		fmt.Fprintf(b, "  %s,\n", row)
	}
	fmt.Fprintf(b, "]) client%d(c);\n", number)
}

// source collects the declarations of a client.
type source struct {
	clientSource
	modules   map[string]bool
	variables map[string]string // of resources and stacks, by stack name and logical id
	stacks    map[string]*stack
}

func sourceOf(stacks []*stack, assemblyDir, runtimes string, modules map[string]bool) (clientSource, error) {
	g := &source{modules: modules, variables: map[string]string{}, stacks: map[string]*stack{}}
	for i, s := range stacks {
		g.stacks[s.name] = s
		if err := g.stack(i, s, assemblyDir, runtimes); err != nil {
			return g.clientSource, fmt.Errorf("stack %s: %w", s.name, err)
		}
	}
	return g.clientSource, nil
}

func (g *source) line(format string, args ...any) {
	g.code += "  " + fmt.Sprintf(format, args...) + ";\n"
}

func (g *source) stack(number int, s *stack, assemblyDir, runtimes string) error {
	v := fmt.Sprintf("s%d", number)
	g.variables[s.name+"/"] = v
	g.line("const %s = new cdk.Stack(app, %s, { stackName: %s, description: %s, env: { account: %s, region: %s }, terminationProtection: %t, analyticsReporting: false })",
		v, g.text(s.name), g.text(s.name), g.expression(s, s.description), g.text(s.account), g.text(s.region), s.terminationProtection)
	for _, d := range s.dependencies {
		g.line("%s.addStackDependency(%s)", v, g.variables[d+"/"])
	}
	for _, id := range sortedKeys(s.parameters) {
		if id != "BootstrapVersion" {
			p := s.parameters[id]
			g.line("new cdk.CfnParameter(%s, %s, { type: %s, default: %s })", v, quote(id), g.expression(s, p["Type"]), g.expression(s, p["Default"]))
		}
	}
	if err := g.asset(v, s, assemblyDir, runtimes); err != nil {
		return err
	}

	nodes := map[string]treeNode{}
	collect(s.tree, nodes)
	if len(nodes) != len(s.resources) {
		return fmt.Errorf("tree.json has %d resources and the template %d", len(nodes), len(s.resources))
	}
	for i, n := range declarationOrder(s, nodes) {
		g.resource(fmt.Sprintf("%sr%d", v, i), v, s, n)
	}
	for _, id := range sortedKeys(s.resources) {
		for _, before := range list(s.resources[id]["DependsOn"]) {
			g.line("%s.addResourceDependency(%s)", g.variables[s.name+"/"+id], g.variables[s.name+"/"+before])
		}
	}
	for _, id := range sortedKeys(s.outputs) {
		if !strings.HasPrefix(id, "PublishOutput") { // those the CDK makes for other stacks
			o := s.outputs[id]
			g.line("new cdk.CfnOutput(%s, %s, { description: %s, value: %s })", v, quote(id), g.expression(s, o["Description"]), g.expression(s, o["Value"]))
		}
	}
	return nil
}

// asset declares the runtime where the app does: the same file, under its hash.
func (g *source) asset(v string, s *stack, assemblyDir, runtimes string) error {
	var assets struct {
		Files map[string]struct {
			DisplayName string
			Source      struct{ Path string }
		}
	}
	if err := readJSON(filepath.Join(assemblyDir, s.assets), &assets); err != nil {
		return err
	}
	for _, hash := range sortedKeys(assets.Files) {
		file := assets.Files[hash]
		if file.Source.Path == s.template {
			continue
		}
		original, err := sameFile(filepath.Join(assemblyDir, file.Source.Path), runtimes)
		if err != nil {
			return err
		}
		g.modules["aws_s3_assets"] = true
		g.line("new aws_s3_assets.Asset(%s, \"Runtime\", { path: %s, assetHash: sha256(%s), assetHashType: cdk.AssetHashType.CUSTOM, displayName: %s })",
			v, g.text(original), g.text(original), g.text(file.DisplayName))
	}
	return nil
}

// sameFile is the file of a folder with the content of another.
func sameFile(path, dir string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		candidate, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err == nil && slices.Equal(candidate, content) {
			return filepath.Join(dir, e.Name()), nil
		}
	}
	return "", fmt.Errorf("the asset %s is no file of %s: build the runtime again (make runtime)", path, dir)
}

func quote(text string) string {
	content, _ := json.Marshal(text)
	return string(content)
}
