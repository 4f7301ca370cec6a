import { Button } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { EmptyState } from '../components/empty-state';
import { PageHeader } from '../components/page-header';
import { NothingFoundPicture } from '../components/pictures';
import { texts } from './shell-texts';

export function NotFoundPage() {
  const navigate = useNavigate();
  return (
    <>
      <PageHeader title={texts.not_found_title} />
      <EmptyState
        picture={<NothingFoundPicture />}
        title={texts.not_found}
        actions={
          <Button appearance="primary" onClick={() => void navigate('/')}>
            {texts.to_home}
          </Button>
        }
      />
    </>
  );
}
