import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { post, rememberIdentity } from '../api/client';
import { queryClient } from '../api/queries';
import type { Identity } from '../api/types';
import { Icon } from '../parts/icon';
import { languages, speak, type Language } from '../texts/language';
import { chooseTheme, currentTheme, themes, type Theme } from './theme';

export function UserMenu({ identity }: { readonly identity: Identity }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const [theme, setTheme] = useState<Theme>(currentTheme);
  const signOut = async () => {
    try {
      await post('/api/logout');
    } finally {
      rememberIdentity(undefined);
      queryClient.clear();
      queryClient.setQueryData(['me'], null);
      void navigate('/login');
    }
  };
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="user" aria-label={`${t('user.menu')}: ${identity.displayName || identity.name}`}><Icon name="user" /><span className="nav-text">{identity.displayName || identity.name}</span></DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" side="right" align="end" sideOffset={6} collisionPadding={8}>
          <DropdownMenu.Label className="menu-label">{t('user.signedInAs', { name: identity.name })}<br /><span className="soft">{[...identity.roles, ...identity.approves].join(', ')}</span></DropdownMenu.Label>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Label className="menu-label soft">{t('user.language')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={i18n.language} onValueChange={language => { void speak(language as Language); }}>
            {Object.entries(languages).map(([code, name]) => <Choice key={code} value={code} text={name} />)}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Label className="menu-label soft">{t('user.theme')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme} onValueChange={next => { setTheme(next as Theme); chooseTheme(next as Theme); }}>
            {themes.map(each => <Choice key={each} value={each} text={t(`user.${each}`)} />)}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="menu-line" />
          {identity.permissions.includes('ManageTokens') && <DropdownMenu.Item className="menu-item" onSelect={() => { void navigate('/tokens'); }}><span className="menu-mark" />{t('nav.tokens')}</DropdownMenu.Item>}
          <DropdownMenu.Item className="menu-item" onSelect={() => { void signOut(); }}><span className="menu-mark" />{t('user.signOut')}</DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Choice({ value, text }: { readonly value: string; readonly text: string }) {
  return (
    <DropdownMenu.RadioItem className="menu-item" value={value} onSelect={event => { event.preventDefault(); }}>
      <span className="menu-mark"><DropdownMenu.ItemIndicator><Icon name="check" size={13} /></DropdownMenu.ItemIndicator></span>{text}
    </DropdownMenu.RadioItem>
  );
}
