package provision

import "context"

// WriteFiles writes the recipe's files, each in one go.
func (m *Machine) WriteFiles(context.Context) error {
	for _, f := range m.Recipe.Files {
		name, err := m.absolute(f.Path)
		if err != nil {
			return err
		}
		text, err := m.Facts.Render(f.Content)
		if err != nil {
			return err
		}
		if err := m.place(name, []byte(text), f.Owner, fileMode(f.Mode)); err != nil {
			return err
		}
	}
	return nil
}
