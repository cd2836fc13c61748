"""What a user sees: pure functions from results to terminal, pictures, report and workbook."""
