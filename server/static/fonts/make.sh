#!/bin/sh
# Makes NotoSansSC-Regular.ttf anew, byte for byte: needs npm, Python 3 and the registries; nobody needs it to run
# or to test the project. The subset holds Latin, punctuation, all of GB 2312 and characters of given names beyond it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent @expo-google-fonts/noto-sans-sc@0.4.3
echo "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59  expo-google-fonts-noto-sans-sc-0.4.3.tgz" | sha256sum --check --quiet
tar xzf expo-google-fonts-noto-sans-sc-0.4.3.tgz
python3 -m venv venv
venv/bin/pip install --quiet --only-binary :all: fonttools==4.68.0
venv/bin/python - > characters.txt <<'PYTHON'
rows = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
gb2312 = "".join(pair.decode("gb2312", "ignore") for pair in rows)
names = (
    "喆堃玥珺琰瑄璟暄晞昇昉旻昱曈翀翾赟頔彧祎祺禕禛祯甯骁骉垚淼焱犇鑫旸旼昳晗晖晙晢晧晳暐暻朤杬柷栢桉桢棽楙楠榕樾橦檬欤氤"
    "汐沄沅沚泓泠洢洺浠浥浛淏淇渟湉湜溍溦滢漪潆澂澍濛瀚灏炅炘炜炫烜焓焜煊煐煜熠燊爔牧玘玙玚玟玮玶珂珈珏珣珮珲珵珽琀琇琎琛琤琬琲琹琼瑀瑗瑛"
    "瑜瑭瑷瑾璁璇璐璞璠璨璩璿畯皓皞皦睿睟矞硕碶祉祐祤禔秾穆竑笙筠筱箐箬篁絜綦缦羿翊翎翙翚翥聿胤舫艺芃芊芷苒苡苪茉茜荞荟莀莜莞菀菁菡萁葳蒗蒽蓁"
    "蓓蔚蔺蕙蕤薇薏虓蛰裎裕詝誉诩诺谖谞谧豪贇轩辰迦逯遐邈邕郗酩釦鈞钊钎钤钰铄铖铠铨锟锴锶镕镡闫阊阗陉陔隽雯霁霂霆霏霖靓靖韡韫韬颀颉颖飏飒馡馥骅骊骏骐骞骥鸢鹂麒麟黛龢"
)
print("".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100)))) + "–—‘’“”…‰′″℃→←↑↓·㎡" + gb2312 + names)
PYTHON
venv/bin/pyftsubset package/400Regular/NotoSansSC_400Regular.ttf --text-file=characters.txt \
  --output-file="$here/NotoSansSC-Regular.ttf" --no-hinting --layout-features= --no-recalc-timestamp \
  --name-IDs=0,1,2,3,4,5,6,13,14
cp package/LICENSE_FONT "$here/OFL.txt"
