"""Rule packs: dated, versioned data. A new norm is a new file; old files stay so that old approvals can be explained."""
