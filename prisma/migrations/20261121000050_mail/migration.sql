-- CreateEnum
CREATE TYPE "mail_import_status" AS ENUM ('running', 'completed', 'failed');

-- CreateEnum
CREATE TYPE "mail_source" AS ENUM ('auto', 'manual');

-- CreateEnum
CREATE TYPE "gem_status" AS ENUM ('new', 'accepted', 'dismissed', 'completed', 'expired');

-- CreateEnum
CREATE TYPE "draft_status" AS ENUM ('draft', 'approved', 'discarded');

-- CreateTable
CREATE TABLE "mail_imports" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "status" "mail_import_status" NOT NULL DEFAULT 'running',
    "size_bytes" BIGINT NOT NULL DEFAULT 0,
    "messages" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "problems" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_imports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mail_messages" (
    "id" BIGSERIAL NOT NULL,
    "import_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "message_id" TEXT,
    "content_hash" BYTEA NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "from_address" TEXT,
    "subject" TEXT,
    "sent_at" TIMESTAMPTZ(3),
    "in_reply_to" TEXT,
    "thread_key" TEXT,
    "problem" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "metadata_at" TIMESTAMPTZ(3),
    "content_at" TIMESTAMPTZ(3),
    "entities_at" TIMESTAMPTZ(3),
    "classified_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mail_raw" (
    "message_id" BIGINT NOT NULL,
    "raw" BYTEA NOT NULL,
    "header_bytes" INTEGER NOT NULL,

    CONSTRAINT "mail_raw_pkey" PRIMARY KEY ("message_id")
);

-- CreateTable
CREATE TABLE "parsed_metadata" (
    "message_id" BIGINT NOT NULL,
    "sender_address" TEXT,
    "sender_name" TEXT,
    "sender_domain" TEXT NOT NULL,
    "sender_host" TEXT,
    "envelope_sender" TEXT,
    "reply_to" TEXT,
    "to_addresses" TEXT[],
    "cc_addresses" TEXT[],
    "esp" TEXT NOT NULL,
    "esp_confidence" DOUBLE PRECISION NOT NULL,
    "esp_evidence" TEXT[],
    "dkim" TEXT NOT NULL,
    "dkim_domain" TEXT,
    "spf" TEXT NOT NULL,
    "dmarc" TEXT NOT NULL,
    "sending_ip" TEXT,
    "list_unsubscribe" TEXT,
    "one_click_unsubscribe" BOOLEAN NOT NULL DEFAULT false,
    "list_id" TEXT,
    "is_bulk" BOOLEAN NOT NULL,
    "is_automated" BOOLEAN NOT NULL,
    "is_reply" BOOLEAN NOT NULL,
    "precedence" TEXT,
    "x_mailer" TEXT,
    "mail_server" TEXT,
    "feedback_id" TEXT,
    "references" TEXT[],
    "problem" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parsed_metadata_pkey" PRIMARY KEY ("message_id")
);

-- CreateTable
CREATE TABLE "sender_temporal" (
    "sender_domain" TEXT NOT NULL,
    "message_count" INTEGER NOT NULL,
    "dated_count" INTEGER NOT NULL,
    "first_sent_at" TIMESTAMPTZ(3),
    "last_sent_at" TIMESTAMPTZ(3),
    "active_days" INTEGER NOT NULL,
    "mean_gap_days" DOUBLE PRECISION,
    "messages_per_week" DOUBLE PRECISION,
    "usual_hour" INTEGER,
    "usual_weekday" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sender_temporal_pkey" PRIMARY KEY ("sender_domain")
);

-- CreateTable
CREATE TABLE "parsed_content" (
    "message_id" BIGINT NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT,
    "headline" TEXT,
    "has_html" BOOLEAN NOT NULL,
    "word_count" INTEGER NOT NULL,
    "ctas" JSONB NOT NULL,
    "links" JSONB NOT NULL,
    "link_domains" TEXT[],
    "link_intents" JSONB NOT NULL,
    "offers" JSONB NOT NULL,
    "personalization" TEXT[],
    "tracking_pixels" INTEGER NOT NULL,
    "image_count" INTEGER NOT NULL,
    "utm" JSONB NOT NULL,
    "postal_address" TEXT,
    "social_links" TEXT[],
    "attachments" JSONB NOT NULL,
    "template_complexity" INTEGER NOT NULL,
    "problem" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parsed_content_pkey" PRIMARY KEY ("message_id")
);

-- CreateTable
CREATE TABLE "entity_scans" (
    "message_id" BIGINT NOT NULL,
    "entities" INTEGER NOT NULL,
    "problem" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "entity_scans_pkey" PRIMARY KEY ("message_id")
);

-- CreateTable
CREATE TABLE "extracted_entities" (
    "id" BIGSERIAL NOT NULL,
    "message_id" BIGINT NOT NULL,
    "kind" VARCHAR(20) NOT NULL,
    "value" TEXT NOT NULL,
    "origin" VARCHAR(20) NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "relationship" TEXT,
    "amount" DECIMAL(18,2),
    "currency" CHAR(3),
    "on_date" DATE,

    CONSTRAINT "extracted_entities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ai_classification" (
    "message_id" BIGINT NOT NULL,
    "sender_domain" TEXT NOT NULL,
    "industry" TEXT NOT NULL,
    "company_size" TEXT NOT NULL,
    "sophistication" INTEGER NOT NULL,
    "intent" TEXT NOT NULL,
    "relationship" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "summary" TEXT NOT NULL,
    "has_override" BOOLEAN NOT NULL DEFAULT false,
    "provider" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ai_classification_pkey" PRIMARY KEY ("message_id")
);

-- CreateTable
CREATE TABLE "classification_overrides" (
    "id" BIGSERIAL NOT NULL,
    "sender_domain" TEXT,
    "message_id" BIGINT,
    "field" VARCHAR(30) NOT NULL,
    "value" TEXT NOT NULL,
    "note" TEXT,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "classification_overrides_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "domain_exclusions" (
    "sender_domain" TEXT NOT NULL,
    "reason" TEXT,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "domain_exclusions_pkey" PRIMARY KEY ("sender_domain")
);

-- CreateTable
CREATE TABLE "sender_profiles" (
    "sender_domain" TEXT NOT NULL,
    "company_name" TEXT NOT NULL,
    "industry" TEXT NOT NULL,
    "company_size" TEXT NOT NULL,
    "sophistication" DOUBLE PRECISION NOT NULL,
    "sophistication_trend" TEXT NOT NULL,
    "intent" TEXT NOT NULL,
    "relationship" TEXT NOT NULL,
    "message_count" INTEGER NOT NULL,
    "first_sent_at" TIMESTAMPTZ(3),
    "last_sent_at" TIMESTAMPTZ(3),
    "esp" TEXT NOT NULL,
    "bulk_ratio" DOUBLE PRECISION NOT NULL,
    "initiated_ratio" DOUBLE PRECISION NOT NULL,
    "reply_ratio" DOUBLE PRECISION NOT NULL,
    "auth_quality" INTEGER NOT NULL,
    "contacts" JSONB NOT NULL,
    "money" JSONB NOT NULL,
    "renewals" JSONB NOT NULL,
    "offers" JSONB NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "score" INTEGER NOT NULL,
    "classified_through" TIMESTAMPTZ(3) NOT NULL,
    "profiled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "segmented_at" TIMESTAMPTZ(3),

    CONSTRAINT "sender_profiles_pkey" PRIMARY KEY ("sender_domain")
);

-- CreateTable
CREATE TABLE "sender_relationships" (
    "sender_domain" TEXT NOT NULL,
    "relationship" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "source" "mail_source" NOT NULL DEFAULT 'auto',
    "evidence" TEXT[],
    "updated_by" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sender_relationships_pkey" PRIMARY KEY ("sender_domain")
);

-- CreateTable
CREATE TABLE "gems" (
    "id" BIGSERIAL NOT NULL,
    "sender_domain" TEXT NOT NULL,
    "type" VARCHAR(40) NOT NULL,
    "subject_key" TEXT NOT NULL DEFAULT '',
    "title" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "evidence" JSONB NOT NULL,
    "status" "gem_status" NOT NULL DEFAULT 'new',
    "status_by" TEXT,
    "status_at" TIMESTAMPTZ(3),
    "score" INTEGER,
    "score_parts" JSONB,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gems_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sender_segments" (
    "sender_domain" TEXT NOT NULL,
    "segment" VARCHAR(30) NOT NULL,
    "sub_segment" VARCHAR(40) NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "source" "mail_source" NOT NULL DEFAULT 'auto',
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sender_segments_pkey" PRIMARY KEY ("sender_domain","segment")
);

-- CreateTable
CREATE TABLE "engagement_drafts" (
    "id" BIGSERIAL NOT NULL,
    "gem_id" BIGINT NOT NULL,
    "sender_domain" TEXT NOT NULL,
    "strategy" VARCHAR(40) NOT NULL,
    "to_address" TEXT,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "status" "draft_status" NOT NULL DEFAULT 'draft',
    "provider" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "edited_by" TEXT,
    "edited_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "engagement_drafts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "mail_messages_content_hash_key" ON "mail_messages"("content_hash");

-- CreateIndex
CREATE INDEX "mail_messages_import_id_position_idx" ON "mail_messages"("import_id", "position");

-- CreateIndex
CREATE INDEX "mail_messages_message_id_idx" ON "mail_messages"("message_id");

-- CreateIndex
CREATE INDEX "mail_messages_thread_key_idx" ON "mail_messages"("thread_key");

-- CreateIndex
CREATE INDEX "parsed_metadata_sender_domain_message_id_idx" ON "parsed_metadata"("sender_domain", "message_id" DESC);

-- CreateIndex
CREATE INDEX "parsed_metadata_esp_idx" ON "parsed_metadata"("esp");

-- CreateIndex
CREATE UNIQUE INDEX "extracted_entities_message_id_kind_origin_value_key" ON "extracted_entities"("message_id", "kind", "origin", "value");

-- CreateIndex
CREATE INDEX "ai_classification_sender_domain_updated_at_idx" ON "ai_classification"("sender_domain", "updated_at");

-- CreateIndex
CREATE INDEX "ai_classification_industry_idx" ON "ai_classification"("industry");

-- CreateIndex
CREATE UNIQUE INDEX "classification_overrides_sender_domain_field_key" ON "classification_overrides"("sender_domain", "field");

-- CreateIndex
CREATE UNIQUE INDEX "classification_overrides_message_id_field_key" ON "classification_overrides"("message_id", "field");

-- CreateIndex
CREATE INDEX "gems_type_score_idx" ON "gems"("type", "score" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "gems_sender_domain_type_subject_key_key" ON "gems"("sender_domain", "type", "subject_key");

-- CreateIndex
CREATE INDEX "sender_segments_segment_sub_segment_idx" ON "sender_segments"("segment", "sub_segment");

-- CreateIndex
CREATE UNIQUE INDEX "engagement_drafts_gem_id_key" ON "engagement_drafts"("gem_id");

-- CreateIndex
CREATE INDEX "engagement_drafts_created_at_idx" ON "engagement_drafts"("created_at");

-- AddForeignKey
ALTER TABLE "mail_messages" ADD CONSTRAINT "mail_messages_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "mail_imports"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail_raw" ADD CONSTRAINT "mail_raw_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "mail_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parsed_metadata" ADD CONSTRAINT "parsed_metadata_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "mail_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parsed_content" ADD CONSTRAINT "parsed_content_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "mail_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entity_scans" ADD CONSTRAINT "entity_scans_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "mail_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "extracted_entities" ADD CONSTRAINT "extracted_entities_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "mail_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_classification" ADD CONSTRAINT "ai_classification_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "mail_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "classification_overrides" ADD CONSTRAINT "classification_overrides_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "mail_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gems" ADD CONSTRAINT "gems_sender_domain_fkey" FOREIGN KEY ("sender_domain") REFERENCES "sender_profiles"("sender_domain") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sender_segments" ADD CONSTRAINT "sender_segments_sender_domain_fkey" FOREIGN KEY ("sender_domain") REFERENCES "sender_profiles"("sender_domain") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "engagement_drafts" ADD CONSTRAINT "engagement_drafts_gem_id_fkey" FOREIGN KEY ("gem_id") REFERENCES "gems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
