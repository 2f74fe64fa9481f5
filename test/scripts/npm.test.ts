import { expect, test } from 'vitest';
import { cleanNpmEnv } from '../../scripts/npm.js';

test('what an outer npm or a production machine sets does not reach the install', () => {
  const left = cleanNpmEnv({
    NODE_ENV: 'production',
    npm_config_omit: 'dev',
    NPM_CONFIG_PRODUCTION: 'true',
    npm_config_prefix: '/elsewhere',
    npm_config_local_prefix: '/elsewhere',
    npm_config_global: 'true',
    npm_config_ignore_scripts: 'true',
    npm_package_json: '/elsewhere/package.json',
    npm_lifecycle_event: 'start',
  });
  expect(left).toEqual({});
});

test('what the person chose stays: registry, cache, proxy, certificates, paths', () => {
  const chosen = {
    PATH: '/bin',
    npm_config_registry: 'https://example.org',
    npm_config_cache: '/cache',
    npm_config_https_proxy: 'http://proxy',
    npm_config_cafile: '/ca.pem',
    npm_config_userconfig: '/npmrc',
  };
  expect(cleanNpmEnv(chosen)).toEqual(chosen);
});
