import { useQuery } from '@tanstack/react-query';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { get, post, rememberIdentity } from '../api/client';
import { queryClient } from '../api/queries';
import type { Elsewhere, Identity, LoginWays } from '../api/types';
import { Icon } from '../parts/icon';
import { languages, speak, type Language } from '../texts/language';
import { chooseTheme, currentTheme, themes, type Theme } from './theme';

export function UserMenu({ identity }: { readonly identity: Identity }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const [theme, setTheme] = useState<Theme>(currentTheme);
  const ways = useQuery({ queryKey: ['login-ways'], queryFn: ({ signal }) => get<LoginWays>('/api/login', signal), staleTime: Infinity });
  const link = async (provider: string) => {
    const there = await post<Elsewhere>(`/api/me/logins/${provider}`);
    window.location.assign(there.address);
  };
  const signOut = async () => {
    let goOn: Elsewhere | undefined;
    try {
      goOn = await post<Elsewhere | undefined>('/api/logout');
    } finally {
      rememberIdentity(undefined);
      queryClient.clear();
      queryClient.setQueryData(['me'], null);
      // The identity provider keeps a session of its own, which is ended there.
      if (goOn === undefined) void navigate('/login');
      else window.location.assign(goOn.address);
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
          {ways.data?.providers.map(provider => <DropdownMenu.Item key={provider.name} className="menu-item" onSelect={() => { void link(provider.name); }}><span className="menu-mark" />{t('user.link', { provider: provider.title })}</DropdownMenu.Item>)}
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
