"""A dated catalogue (目录): which list of codes holds where and when; its content lies apart, named by digest."""

from schemas.declare import RecordType, allow, choice, code, day, digest, flag, integer

KINDS = {
    "diagnosis": ("疾病诊断目录", "Diagnoses"),
    "service": ("医疗服务项目目录", "Service items"),
    "drug": ("药品目录", "Drugs"),
    "region": ("行政区划目录", "Regions"),
    "violation": ("违规行为目录", "Violations"),
    "checklist": ("检查清单", "Checklist"),
}

TYPE = RecordType(
    name="catalogue",
    zh="目录",
    en="Catalogue",
    create=allow("machine"),
    edit=allow(),
    void=allow("machine"),
    lookup="digest",
    synced=False,
    fields=(
        choice("kind", "类别", "Kind", KINDS, required=True),
        code("code", "目录代码", "Code", required=True),
        code("version", "版本", "Version", required=True),
        code("region", "适用区划", "Region", "region"),
        day("valid_from", "生效日期", "Valid from", required=True),
        day("valid_until", "失效日期", "Valid until"),
        digest("digest", "内容摘要", "Content", required=True),
        digest("file", "来源文件摘要", "File", required=True),
        integer("rows", "条数", "Rows", 1, 300_000, required=True),
        integer("size", "内容字节数", "Size", 1, 64 * 1024 * 1024, unit="bytes", required=True),
        flag("demonstration", "演示摘录", "Demonstration excerpt"),
    ),
)
