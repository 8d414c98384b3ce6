"""Small scripts that open codub from an editor; each stands alone, because editors bring their own Python."""
