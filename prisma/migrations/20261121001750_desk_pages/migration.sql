-- The run of a journal row and the runs of a trade; also what "set null" looks up when one of them is deleted.
create index trading_runs_journal_id_idx on trading_runs (journal_id);
create index trading_runs_trade_id_idx on trading_runs (trade_id);
-- the journal of one signal, of one symbol, newest first
create index ai_journal_signal_id_idx on ai_journal (signal, id);
create index ai_journal_symbol_id_idx on ai_journal (symbol, id);
-- trades, open ones first, newest first; of one symbol
create index trades_shown_idx on trades ((closed_at is null), id);
create index trades_symbol_id_idx on trades (symbol, id);
