import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";

interface Props {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function PageLayout({ title, description, actions, children }: Props) {
  return (
    <ContentLayout header={<Header variant="h1" description={description} actions={actions}>{title}</Header>}>
      {children}
    </ContentLayout>
  );
}
