-- What the Prisma schema of the mail pipeline cannot say. Runs on new, empty tables: locks nothing that anyone uses.

-- "How many wait" and "which are next" look only at what is not done yet.
create index mail_messages_waiting_metadata_idx on mail_messages (id)
 where metadata_at is null;
create index mail_messages_waiting_content_idx on mail_messages (id)
 where metadata_at is not null and content_at is null;
create index mail_messages_waiting_entities_idx on mail_messages (id)
 where content_at is not null and entities_at is null;
create index mail_messages_waiting_classify_idx on mail_messages (id)
 where entities_at is not null and classified_at is null;

-- Profiles that the segment stage has not seen in their present state.
create index sender_profiles_waiting_segment_idx on sender_profiles (sender_domain)
 where segmented_at is null;

-- New gems, best first: what engage drafts for.
create index gems_new_idx on gems (score desc nulls last, id)
 where status = 'new';

alter table mail_imports add constraint mail_imports_counts_check
check (messages >= 0 and duplicates >= 0 and problems >= 0 and size_bytes >= 0);

alter table mail_messages add constraint mail_messages_content_hash_check
check (octet_length(content_hash) = 32);

-- A stage is done only after the one it needs.
alter table mail_messages add constraint mail_messages_stages_check
check (
  (content_at is null or metadata_at is not null)
  and (entities_at is null or content_at is not null)
  and (classified_at is null or entities_at is not null)
);

alter table parsed_content add constraint parsed_content_complexity_check
check (template_complexity between 0 and 100);

-- An override is about a sender or about one message, never both.
alter table classification_overrides add constraint classification_overrides_target_check
check (num_nonnulls(sender_domain, message_id) = 1);

alter table classification_overrides add constraint classification_overrides_field_check
check (field in ('industry', 'company_size', 'sophistication', 'intent', 'relationship'));

alter table gems add constraint gems_score_check
check (score is null or score between 0 and 100);

alter table sender_profiles add constraint sender_profiles_score_check
check (score between 0 and 100 and auth_quality between 0 and 100);
