"""The two papers, table by table: what they print held against what is computed."""
