import { type Colour, createTheme, type Palette, TYPE } from '../email/theme.js';

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${String(colour)}`)
    .join(';');

/** The desk's style sheet, in the emails' own colours and type. */
export function deskStyle(brand: Colour): string {
  const { light, dark } = createTheme(brand);
  return `:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:17px/26px ${TYPE.font};overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:3px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{position:static;display:block;padding:12px 24px}
header.top,main,footer{max-width:860px;margin:0 auto;padding:16px 24px}
header.top{display:flex;flex-wrap:wrap;gap:8px 24px;align-items:center}
header.top .brand{font-weight:700;text-decoration:none;color:var(--text);margin-right:auto}
header.top form{margin:0}
h1{font-size:26px;line-height:33px;letter-spacing:-.2px;margin:8px 0 16px}
h2{font-size:19px;line-height:27px;margin:32px 0 12px}
p{margin:0 0 12px}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:24px;margin:0 0 16px}
.card>h2:first-child,.card>h2{margin-top:0}
.answer{font-size:21px;line-height:31px;margin:0}
.needs{background:var(--tint);border-left:4px solid var(--accent)}
.muted{color:var(--muted);font-size:15px;line-height:22px}
label{display:block;font-size:15px;font-weight:700;margin:0 0 6px}
.hint{display:block;font-weight:400;color:var(--muted)}
input[type=text],input[type=password],input[type=email],input[type=date],select,textarea{width:100%;font:inherit;color:var(--text);background:var(--card);border:1px solid var(--muted);border-radius:8px;padding:10px 12px;margin:0 0 16px}
label.tick{font-weight:400;display:flex;gap:10px;align-items:baseline;margin:0 0 16px}
button,.button{font:inherit;font-weight:700;display:inline-block;border:0;border-radius:8px;padding:11px 20px;background:var(--button);color:var(--onButton);text-decoration:none;cursor:pointer}
button.quiet,.button.quiet{background:var(--card);color:var(--accent);border:1px solid var(--line);padding:8px 16px;font-weight:400}
.row{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0 0}
.search{display:flex;flex-wrap:wrap;gap:8px}.search>div{flex:1 1 260px}.search input{margin:0}
.search button{align-self:end}
.filters{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:end}.filters>div{flex:1 1 180px}.filters input,.filters select,.filters button{margin:0;height:50px}
ol.time{list-style:none;margin:0;padding:0}
ol.time li{position:relative;padding:0 0 20px 22px;border-left:2px solid var(--line);margin-left:6px}
ol.time li:last-child{border-color:transparent;padding-bottom:0}
ol.time li::before{content:"";position:absolute;left:-7px;top:8px;width:12px;height:12px;border-radius:50%;background:var(--card);border:2px solid var(--muted)}
ol.time li.out::before{background:var(--accent);border-color:var(--accent)}
ol.time li.next::before{border-style:dashed}
ol.time time{display:block;color:var(--muted);font-size:14px;line-height:21px}
ul.plain{list-style:none;margin:0;padding:0}
dl{margin:0}dt{font-weight:700;font-size:15px}dd{margin:0 0 12px}
table{border-collapse:collapse;width:100%;font-size:15px;line-height:22px}
th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-bottom:1px solid var(--line)}
.wide{overflow-x:auto;overflow-wrap:normal}
pre{font:15px/22px ui-monospace,monospace;white-space:pre-wrap;margin:0 0 16px}
iframe{width:100%;height:640px;border:1px solid var(--line);border-radius:12px}
@media (max-width:600px){header.top,main,footer{padding:12px 16px}.card{padding:16px;border-radius:10px}.search button{width:100%}}`;
}
