// Writes crypto.json: what two independent implementations of WeChat's signatures and encryption say.
// Run it in an empty folder, with Node 20 or later:
//
//   npm install wechat-crypto@0.0.2 @wecom/crypto@1.0.1
//   node …/testdata/crypto.mjs > crypto.json
//
// Inputs are drawn from a counter by SHA-256, so that every run writes the same bytes. `source` names who
// computed an output. For each, the other one was asked as well: where they disagree, the script fails.

import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const WechatCrypto = require('wechat-crypto');
const wecom = require('@wecom/crypto');

const versions = {};
for (const name of ['wechat-crypto', '@wecom/crypto']) versions[name] = require(`${name}/package.json`).version;
assert.deepEqual(versions, { 'wechat-crypto': '0.0.2', '@wecom/crypto': '1.0.1' });

let counter = 0;
const bytes = (n) => {
  const parts = [];
  for (let have = 0; have < n; have += 32) parts.push(createHash('sha256').update(`yingda ${counter++}`).digest());
  return Buffer.concat(parts).subarray(0, n);
};
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const letters = (n) => Array.from(bytes(n), (b) => alphabet[b % alphabet.length]).join('');
// The platform draws 43 letters and digits, so that the last two bits of a key are often not 0; decoders that are
// strict refuse such a key. Every other key here is one.
const aesKey = (i) => (i % 2 ? letters(43) : bytes(32).toString('base64').slice(0, 43));

// wechat-crypto draws its 16 bytes itself; here it is given them.
const encryptWith = (random, crypt, message) => {
  const crypto = require('crypto');
  const real = crypto.pseudoRandomBytes;
  crypto.pseudoRandomBytes = () => random;
  try {
    return crypt.encrypt(message);
  } finally {
    crypto.pseudoRandomBytes = real;
  }
};

const signatures = [];
for (let i = 0; i < 40; i++) {
  const token = i === 0 ? 'AAAAA' : letters(3 + ((i * 7) % 30));
  const timestamp = String(1714036504 + i * 86399);
  const nonce = i % 3 === 0 ? String(1514711492 + i) : letters(1 + (i % 16));
  const encrypt = i % 4 === 0 ? '' : bytes(16 * (1 + (i % 9))).toString('base64'); // '': the plain signature
  const signature = wecom.getSignature(token, timestamp, nonce, encrypt);
  assert.equal(new WechatCrypto(token, aesKey(i), 'id').getSignature(timestamp, nonce, encrypt), signature);
  signatures.push({ source: i % 2 ? 'wechat-crypto' : '@wecom/crypto', token, timestamp, nonce, encrypt, signature });
}

const texts = [
  '', 'a', 'success', '为什么跳商户', '刷卡失败了怎么办？😀', '👨‍👩‍👧 一家人', '𠮷野家', '一\r\n二\t三', '<![CDATA[ ]]>',
  '<xml><ToUserName><![CDATA[gh_0]]></ToUserName><Content><![CDATA[机器连不上网]]></Content></xml>',
  '应'.repeat(682), 'x'.repeat(2047), '话'.repeat(5000),
];
// 16 random bytes, 4 of length and 18 of the id go with each text: these lengths lie around every edge of 32 bytes.
for (let n = 20; n <= 64; n++) texts.push(letters(n));
for (let n = 2; n <= 24; n++) texts.push('机'.repeat(n));

const messages = texts.map((message, i) => {
  const key = aesKey(i >> 1);
  const id = i % 2 ? 'ww1436e0e65a779aee' : 'wx5823bf96d3bd56c7';
  const random = i % 3 ? bytes(16) : Buffer.from(letters(16));
  const crypt = new WechatCrypto('token', key, id);
  const encrypt = wecom.encrypt(key, message, id, random);
  assert.equal(encryptWith(random, crypt, message), encrypt);
  assert.deepEqual(crypt.decrypt(encrypt), { message, id });
  assert.deepEqual(wecom.decrypt(key, encrypt), { message, id, random });
  const source = i % 2 ? 'wechat-crypto' : '@wecom/crypto';
  return { source, key, id, random: random.toString('base64'), message, encrypt };
});

process.stdout.write(`${JSON.stringify({ versions, signatures, messages }, null, 1)}\n`);
