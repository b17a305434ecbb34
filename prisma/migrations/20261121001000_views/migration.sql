-- Saved views of the run table.

-- CreateTable
CREATE TABLE "saved_views" (
    "id" BIGSERIAL NOT NULL,
    "owner" TEXT NOT NULL,
    "name" VARCHAR(80) NOT NULL,
    "query" TEXT NOT NULL,
    "shared" BOOLEAN NOT NULL DEFAULT false,
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "saved_views_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "saved_views_owner_name_key" ON "saved_views"("owner", "name");

-- One default each at most.
create unique index saved_views_default_idx on saved_views (owner) where is_default;

-- What others see.
create index saved_views_shared_idx on saved_views (name) where shared;
