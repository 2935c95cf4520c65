"""What was typed: composed and checked ahead of Hydra, refused in one line, handed on."""
