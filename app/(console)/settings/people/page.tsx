import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { listPeople } from "#lib/people/queries";
import { pageCtx, requireSignedIn } from "#lib/web/ctx";
import { InvitePerson } from "./_components/invite-person";
import { PersonItem } from "./_components/person-item";

export const metadata: Metadata = { title: "People" };

export default async function PeoplePage() {
  const people = await listPeople(await pageCtx("people.manage"));
  const { userId } = await requireSignedIn();
  return (
    <>
      <PageHeader title="People" actions={<InvitePerson />}>
        Who may sign in, and what their role lets them do.
      </PageHeader>
      <ul aria-label="People" className="border-t">
        {people.map((person) => <PersonItem key={person.id} person={person} isMe={person.id === userId} />)}
      </ul>
    </>
  );
}
