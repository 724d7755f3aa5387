"""What can be taken along: tables, a live workbook, pictures."""
