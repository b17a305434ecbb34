-- An account that follows another reuses its signals: no data, no model, no rate of its own.
ALTER TABLE "accounts" ADD COLUMN "primary_account_id" INTEGER;
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_primary_account_id_fkey" FOREIGN KEY ("primary_account_id") REFERENCES "accounts"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_primary_account_id_check" CHECK ("primary_account_id" <> "id");

-- Who follows an account, asked once for each of its signals.
CREATE INDEX "accounts_primary_account_id_idx" ON "accounts"("primary_account_id");
