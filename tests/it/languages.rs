//! The words of documents in every language: whole, and on the page as offices of the country write them.

use std::path::Path;

use crate::cli::{chancery, json_lines};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether this machine has the fonts of a language that the program does not bring; says so if not.
fn has_fonts(tag: &str) -> bool {
    let needed = match tag {
        "ja" => "NotoSerifCJK",
        _ => return true,
    };
    let listed = std::process::Command::new("fc-list").output().map(|found| String::from_utf8_lossy(&found.stdout).into_owned());
    let has = listed.unwrap_or_default().contains(needed);
    if !has {
        println!("skipped: {needed} is not installed");
    }
    has
}

fn office(settings: &str) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), settings).unwrap();
    here
}

fn render(office: &Path, kind: &str, note: &str) -> serde_json::Value {
    std::fs::write(office.join("note.md"), note).unwrap();
    let arguments = ["--json", "--now", "2026-11-23T10:00:00+01:00", "render", "--type", kind, "note.md", "-o", "note.pdf"];
    json_lines(&chancery(office).args(arguments).output().unwrap().stdout).remove(0)
}

/// The text without white space. Of Arabic, what the ligature of lam and alef leaves: they come out of a PDF in either order.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | 'ا' | 'ل')).collect()
}

fn page(office: &Path, tag: &str, kind: &str) -> String {
    let note = repository().join(format!("tests/it/languages/{tag}/{kind}.md"));
    let line = render(office, kind, &std::fs::read_to_string(note).unwrap());
    assert_eq!(line["status"], "rendered", "{tag} {kind}: {line}");
    let output = std::process::Command::new("pdftotext").args(["note.pdf", "-"]).current_dir(office).output();
    squeezed(&String::from_utf8(output.expect("pdftotext (poppler-utils) is installed").stdout).unwrap())
}

/// Every example of a language, and what has to stand on its pages.
fn stands(tag: &str, words: [&[&str]; 7]) {
    if !has_fonts(tag) {
        return;
    }
    let here = office("[fonts]\nfolders = [\"/usr/share/fonts\"]\n");
    let kinds = ["minutes", "notice", "speech", "annual-summary", "document", "disposal-certificate", "letter"];
    for (kind, words) in kinds.into_iter().zip(words) {
        let text = page(here.path(), tag, kind);
        for word in words {
            assert!(text.to_lowercase().contains(&squeezed(word).to_lowercase()), "{tag} {kind}: `{word}` is not in {text}");
        }
    }
}

#[test]
fn english() {
    stands(
        "en",
        [
            &[
                "Minutes",
                "Draft",
                "Monday, 23 November 2026",
                "Present",
                "Anna Smith (Chair), John Brown",
                "Apologies",
                "Resolutions",
                "Next meeting",
            ],
            &["Notice", "To", "Monday, 14 December 2026", "Business", "Reply by", "Contact"],
            &["Speech", "Speaker", "Anna Smith, Chair", "135 words a minute", "Page 1 of 2"],
            &["Annual Summary", "Plan and result", "125.0%", "+25.0%", "Next year"],
            &["Author", "Reference", "Date"],
            &["Certificate", "To be kept for 10 years from", "Version 1, press copy", "Notice"],
            &["Our ref.", "GM/31", "Dear Ms Smith,", "Yours sincerely,", "Enclosures:", "Copies: Mary Jones", "23 November 2026"],
        ],
    );
}

#[test]
fn chinese_simplified() {
    stands(
        "zh",
        [
            &["会议纪要", "草稿，尚未审定", "2026年11月23日（星期一）", "出席", "张伟（总经理）、李娜", "请假", "会议决议", "下次会议"],
            &["通知", "主送", "2026年12月14日（星期一）", "事项", "回复期限", "联系人"],
            &["讲话稿", "讲话人", "张伟（总经理）", "每分钟180字", "第1页，共2页"],
            &["年度总结", "主要指标完成情况", "125.0%", "+25.0%", "明年工作安排"],
            &["撰稿", "编号", "日期"],
            &["证明", "自文件日期起10年", "媒体稿", "通知"],
            &["函〔2026〕31号", "张伟总经理：", "此致", "敬礼！", "附件：", "抄送：王芳", "2026年11月23日", "联系人：李娜"],
        ],
    );
}

#[test]
fn chinese_traditional_of_taiwan() {
    stands(
        "zh-TW",
        [
            &["會議紀錄", "草稿", "2026年11月23日（星期一）", "出席者", "陳大文（總經理）、李小美", "請假者", "決議事項", "下次會議"],
            &["通知", "受文者", "2026年12月14日（星期一）", "議程", "回覆期限", "聯絡人"],
            &["講稿", "講者", "陳大文（總經理）", "每分鐘180字", "第1頁，共2頁"],
            &["年度工作總結", "主要指標達成情形", "125.0%", "+25.0%", "來年工作計畫"],
            &["撰稿人", "編號", "日期"],
            &["證明", "自文件日期起10年", "媒體稿", "通知"],
            &["函字第31號", "陳大文總經理：", "順頌", "商祺", "副本：王志明", "聯絡人：李小美"],
        ],
    );
}

#[test]
fn german() {
    stands(
        "de",
        [
            &[
                "Protokoll",
                "Entwurf",
                "Montag, 23. November 2026",
                "Anwesend",
                "Anna Schmidt (Vorsitzende), Jürgen Weiß",
                "Entschuldigt",
                "Beschlüsse",
                "Aufgaben",
            ],
            &["Mitteilung", "Montag, 14. Dezember 2026", "Tagesordnung", "Antwort bis", "Ansprechpartner", "Nachrichtlich an"],
            &["Rede", "Redner", "Anna Schmidt, Vorsitzende", "135 Wörter je Minute", "noch", "Seite 1 von 2"],
            &["Jahresbericht", "Soll und Ist", "125,0 %", "+25,1 %", "Ausblick auf das nächste Jahr"],
            &["Verfasser", "Aktenzeichen", "Datum"],
            &["Nachweis", "Aufbewahrungsfrist: 10 Jahre ab Datum des Dokuments", "Fassung 1, Pressefassung", "Mitteilung"],
            &[
                "Ihr Zeichen",
                "Unser Zeichen",
                "Ansprechpartner",
                "Datum",
                "Sehr geehrte Frau Schmidt,",
                "Mit freundlichen Grüßen",
                "Anlagen:",
                "Verteiler: Maria Krüger",
            ],
        ],
    );
}

#[test]
fn french() {
    stands(
        "fr",
        [
            &[
                "Procès-verbal",
                "Projet",
                "lundi 23 novembre 2026",
                "Présents",
                "Anne Lefèvre (Présidente), Jean Dupont",
                "Excusés",
                "Résolutions",
                "1er décembre 2026",
            ],
            &["Avis", "lundi 14 décembre 2026", "Ordre du jour", "Réponse avant le", "Destinataires"],
            &["Discours", "Orateur", "Anne Lefèvre, Présidente", "135 mots par minute", "Page 1 sur 2"],
            &["Rapport annuel", "Objectifs et résultats", "125,0 %", "+25,1 %", "Perspectives pour l’année à venir"],
            &["Auteur", "Référence", "Date"],
            &["Certificat", "À conserver 10 ans à compter de la date du document", "copie pour la presse", "Avis"],
            &[
                "V/réf.",
                "N/réf.",
                "Paris, le 1er décembre 2026",
                "Objet",
                "P. J.",
                "Madame la Présidente,",
                "salutations distinguées",
                "Copie à",
            ],
        ],
    );
}

#[test]
fn spanish() {
    stands(
        "es",
        [
            &[
                "Acta",
                "Borrador",
                "lunes, 23 de noviembre de 2026",
                "Asistentes",
                "Ana Muñoz (Presidenta), Juan Pérez",
                "Excusan su asistencia",
                "Se renueva el alquiler",
                "4 de diciembre de 2026",
                "Tareas",
                "Próxima sesión",
            ],
            &["Aviso", "lunes, 14 de diciembre de 2026", "Orden del día", "Responder antes del", "Con copia a"],
            &["Discurso", "Orador", "Ana Muñoz, Presidenta", "135 palabras por minuto", "Página 1 de 2"],
            &["Memoria anual", "Objetivos y resultados", "125,0 %", "+25,1 %", "Previsiones para el próximo año"],
            &["Autor", "Referencia", "Fecha"],
            &["Certificado", "Plazo de conservación: 10 años desde la fecha del documento", "copia para la prensa", "Aviso"],
            &[
                "S/ref.",
                "N/ref.",
                "Madrid, 23 de noviembre de 2026",
                "Estimada señora Muñoz:",
                "Atentamente,",
                "Anexos:",
                "Con copia a: María Gómez",
            ],
        ],
    );
}

#[test]
fn japanese() {
    stands(
        "ja",
        [
            &["議事録", "案", "2026年11月23日（月）", "出席者", "山田太郎（代表取締役）、佐藤花子", "欠席者", "決定事項", "次回会議"],
            &["通知", "宛先", "2026年12月14日（月）", "議題", "回答期限", "問合せ先"],
            &["挨拶文", "登壇者", "代表取締役　山田太郎", "毎分180字", "1 / 2 ページ"],
            &["年次報告書", "計画と実績", "125.0%", "+25.0%", "次年度の計画"],
            &["作成者", "文書番号", "日付"],
            &["証明書", "文書の日付から10年", "報道用", "通知"],
            &["総発第31号", "海運株式会社", "部長山田太郎様", "拝啓", "敬具", "同封物：", "写し：鈴木一郎"],
        ],
    );
}

#[test]
fn arabic() {
    stands(
        "ar",
        [
            &["محضر اجتماع", "مسودة", "نوفمبر", "الحاضرون", "المعتذرون", "القرارات", "المهام", "قيد التنفيذ", "الاجتماع القادم"],
            &["إشعار", "ديسمبر", "جدول الأعمال", "الرد قبل", "نسخة إلى"],
            &["كلمة", "المتحدث", "كلمة في الدقيقة", "صفحة"],
            &["التقرير السنوي", "المستهدف والمحقق", "١٢٥٫٠", "٢٠٢٦", "خطة العام القادم"],
            &["إعداد", "الرقم المرجعي", "التاريخ"],
            &["شهادة", "10", "سنوات", "نسخة الصحافة", "إشعار"],
            &["الموضوع: إغلاق المكاتب", "تحية طيبة وبعد،", "وتفضلوا بقبول فائق الاحترام والتقدير", "المرفقات", "نسخة إلى: خالد عمر"],
        ],
    );
}

/// Where words begin on the page, in points from the left.
fn left_of(office: &Path, word: &str) -> f64 {
    let output = std::process::Command::new("pdftotext").args(["-bbox", "note.pdf", "-"]).current_dir(office).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains(&format!(">{word}<"))).unwrap_or_else(|| panic!("{word} is not in {text}"));
    line.split("xMin=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

#[test]
fn an_arabic_page_runs_from_right_to_left() {
    let here = office("[fonts]\nfolders = []\n");
    let note = "---\nlang: ar\ndate: 2026-11-23\nreference: REF7\n---\n# عنوان\n\n| AAA | BBB |\n|---|---|\n| CCC | DDD |\n\n1. EEE\n2. FFF\n\n> GGG\n";
    assert_eq!(render(here.path(), "document", note)["status"], "rendered");
    let left = |word: &str| left_of(here.path(), word);
    assert!(left("AAA") > left("BBB"), "the first column is the right one");
    assert!(left("EEE") > 400.0 && left("GGG") > 400.0, "lists and quotations begin on the right: {} {}", left("EEE"), left("GGG"));
}

#[test]
fn the_figures_of_an_arabic_document_are_those_of_its_note() {
    let here = office("[fonts]\nfolders = [\"/usr/share/fonts\"]\n");
    let date_with = |text: &str| {
        let note = format!("---\nlang: ar\ndate: 2026-11-23\n---\n# عنوان\n\n{text}\n");
        assert_eq!(render(here.path(), "document", &note)["status"], "rendered");
        let output = std::process::Command::new("pdftotext").args(["note.pdf", "-"]).current_dir(here.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(date_with("في عام ٢٠٢٥").contains("٢٠٢٦"));
    assert!(date_with("في عام 2025").contains("2026"));
}

#[test]
fn japanese_without_its_shapes_names_the_package_once() {
    let here = office("[fonts]\nfolders = []\n");
    let line = render(here.path(), "document", "---\nlang: ja\ndate: 2026-11-23\n---\n# 会議\n\n本文と**太字**。\n");
    assert_eq!(line["status"], "rendered", "{line}");
    let warnings = line["warnings"].to_string();
    assert_eq!(warnings.matches("fonts-noto-cjk").count(), 1, "{line}");
    assert!(warnings.contains("shapes of Japan"), "{line}");
    for quiet in ["zh", "de"] {
        let line = render(here.path(), "document", &format!("---\nlang: {quiet}\ndate: 2026-11-23\n---\n# 会议\n\nText\n"));
        assert_eq!(line["warnings"].to_string(), "[]");
    }
}

#[test]
fn minutes_are_approved_in_the_words_of_their_language() {
    let here = office("[fonts]\nfolders = []\n");
    let status = |tag: &str, status: &str| {
        let note = format!("---\nlang: {tag}\ndate: 2026-11-23\nstatus: {status}\n---\n# Sitzung\n\nText.\n");
        assert_eq!(render(here.path(), "minutes", &note)["status"], "rendered");
        let output = std::process::Command::new("pdftotext").args(["note.pdf", "-"]).current_dir(here.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().to_lowercase()
    };
    let approved = status("de", "genehmigt");
    assert!(approved.contains("genehmigt") && !approved.contains("entwurf"), "{approved}");
    let signed = status("fr", "Signé");
    assert!(signed.contains("signé") && !signed.contains("projet"), "{signed}");
    assert!(status("es", "borrador").contains("pendiente de aprobación"));
}

#[test]
fn figures_given_as_numbers_are_written_in_the_language_and_texts_stay() {
    let here = office("[fonts]\nfolders = []\n");
    let note = "---\nlang: de\ndate: 2026-12-28\nkpis:\n  - {name: Fracht, plan: 10000, actual: 12500.5}\n  - {name: Post, plan: \"10000\", actual: \"ca. 5\"}\n  - {name: Rate, plan: 12.125, actual: 12.125}\n---\n# Bericht\n\nText.\n";
    assert_eq!(render(here.path(), "annual-summary", note)["status"], "rendered");
    let output = std::process::Command::new("pdftotext").args(["-layout", "note.pdf", "-"]).current_dir(here.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |name: &str| {
        text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("Fracht"), "Fracht 10.000 12.500,5 125,0 %", "{text}");
    assert!(row("Post").contains("10000 ca. 5"), "{text}");
    assert_eq!(row("Rate"), "Rate 12,125 12,125 100,0 %", "{text}");
}

/// Without it bidirectional text has `+852 2555 0100` end in its country.
#[test]
fn a_telephone_number_on_an_arabic_page_is_not_turned_over() {
    for house in ["modern", "plain"] {
        let here = office(&format!(
            "[organisation]\nname = \"Harbour\"\naddress = \"12/F Harbour House\"\ncontact = \"+852 2555 0100\"\n[style]\nhouse = \"{house}\"\n"
        ));
        let note = "---\nlang: ar\ndate: 2026-11-23\ncontact: +853 2556 0199\n---\n# إشعار\n\nالمكاتب مغلقة.\n";
        assert_eq!(render(here.path(), "notice", note)["status"], "rendered");
        let left = |word: &str| left_of(here.path(), word);
        assert!(left("+852") < left("0100") && left("+853") < left("0199") && left("12/F") < left("House"), "{house}");
    }
}
