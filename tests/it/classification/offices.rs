//! Small documents as offices write them, in English, Chinese and German: what no public archive has.

/// Documents of offices that no corpus has: what they are, under which name they are dropped, and what they say.
pub const OF_OFFICES: [(&str, &str, &str); 45] = [
    (
        "minutes",
        "note.md",
        "# Board of Trustees\n\nHeld on 5 March 2026 at the Town Hall.\n\n**Present:** A. Ford (chair), R. Nair, L. Chen\n**Apologies:** T. Becker\n\n1. The minutes of 3 February were approved.\n2. The treasurer reported a surplus of £1,200.\n\nRESOLVED: to renew the lease.\n\nThe meeting closed at 20:15.\n",
    ),
    (
        "minutes",
        "town council 2026-03.txt",
        "TOWN COUNCIL\n\nMinutes of the ordinary meeting held on Tuesday 3 March 2026\n\nPresent: Cllrs Smith, Jones, Patel\nIn attendance: the Clerk\n\n26/31 Apologies\nApologies were received from Cllr Brown.\n\n26/32 Planning\nIt was resolved to object to application 26/0041.\n",
    ),
    (
        "minutes",
        "a.md",
        "# Staff meeting\n\n## Attendees\n- Maria\n- Tom\n- Priya\n\n## Notes\n- Maria: the printer is broken again\n- Tom: I called the supplier\n- Maria: they come on Friday\n- Tom: fine\n- Priya: new forms are in the drawer\n\n## Action items\n- [ ] Tom to chase the supplier by 2026-03-10\n",
    ),
    (
        "minutes",
        "x.md",
        "# 总经理办公会会议纪要\n\n时间：2026年3月5日\n地点：三楼会议室\n主持人：张伟\n出席：李娜、王强、陈杰\n记录人：赵敏\n\n会议听取了一季度经营情况汇报。\n\n会议决定：\n1. 同意采购方案。\n2. 由办公室负责落实。\n",
    ),
    (
        "minutes",
        "例会.txt",
        "时间：2026年4月2日 14:00\n参会人员：张三、李四、王五\n\n一、安全检查\n张三：仓库灭火器已过期。\n李四：下周更换完毕。\n张三：请王五复查。\n李四：好的，周五前完成。\n",
    ),
    (
        "minutes",
        "protokoll.md",
        "# Protokoll der Vorstandssitzung vom 12. Januar 2026\n\nAnwesend: Anna Schmidt, Karl Huber\nEntschuldigt: Eva Lang\n\nTOP 1: Begrüßung\n\nBeschluss: Der Beitrag wird auf 40 Euro erhöht (5 Ja, 1 Nein, 0 Enthaltungen).\n",
    ),
    (
        "document",
        "agenda.md",
        "# Agenda: Board meeting, 9 April 2026\n\nAttendees: A. Ford, R. Nair, L. Chen\n\n1. Welcome and apologies\n2. Minutes of the last meeting\n3. Matters arising\n4. Budget 2027\n5. Any other business\n6. Next meeting\n",
    ),
    ("document", "note.md", "# Committee meeting 9 April 2026\n\n09:30 Welcome\n09:40 Budget\n10:30 Coffee\n10:45 Staffing\n11:30 Close\n"),
    ("document", "议程.md", "# 第三次董事会会议议程\n\n时间：2026年4月9日\n地点：会议室\n\n一、审议预算\n二、讨论人事\n三、其他事项\n"),
    (
        "speech",
        "dinner.md",
        "Ladies and gentlemen, dear colleagues,\n\nThank you all for coming tonight. When we founded this house thirty years ago, we were four people and a kettle. Tonight we are four hundred, and I look around this room and see friends. You have carried this company through storms that none of us had foreseen, and you have done it with grace. I want to thank you, and I want to thank your families, who have lent you to us for so many evenings.\n\nLet me tell you what I have learned from you in these years. I have learned that we are strongest when we listen, and that no plan survives the first customer. So let us raise our glasses to the next thirty years. Thank you.\n",
    ),
    (
        "speech",
        "note.md",
        "# 在公司成立二十周年庆祝大会上的讲话\n\n尊敬的各位来宾，女士们、先生们：\n\n大家好！二十年前，我们怀着梦想走到一起。今天，我们欢聚一堂，共同庆祝公司成立二十周年。在此，我代表公司向大家表示衷心的感谢！\n\n让我们携手并进，再创辉煌。谢谢大家！\n",
    ),
    (
        "speech",
        "opening.md",
        "# Opening remarks at the regional conference\n\nExcellencies, distinguished guests,\n\nIt is a great pleasure to welcome you to our city.\n",
    ),
    (
        "speech",
        "2026新年.txt",
        "同志们、朋友们：\n\n新年好！过去的一年，我们共同走过了不平凡的历程。我代表公司向大家致以新年的祝福！让我们继续努力。谢谢大家！\n",
    ),
    (
        "annual-summary",
        "note.md",
        "# 2025 Annual Report of the Records Office\n\n## Foreword\n\nOver the past year we moved into the new building.\n\n## Key figures\n\n| Indicator | Plan | Actual |\n|---|---|---|\n| Files | 100 | 120 |\n\n## Outlook\n\nIn the coming year we will digitise.\n",
    ),
    (
        "annual-summary",
        "总结.md",
        "# 办公室2025年度工作总结\n\n一年来，在公司领导下，圆满完成各项任务。\n\n## 主要工作\n\n接待来访120次，同比增长20%。\n\n## 存在问题\n\n人手不足。\n\n## 下一步工作\n\n加强培训。\n",
    ),
    (
        "annual-summary",
        "year.md",
        "# Our year in review: 2025\n\nThis year we opened three branches. Compared with the previous year, visits rose by 12 %.\n\n## Looking ahead\n\nNext year we open a fourth.\n",
    ),
    (
        "document",
        "q3.md",
        "# Quarterly report Q3 2025\n\n## Summary\n\nRevenue rose by 4 % over the second quarter.\n\n## Finances\n\n| Item | Plan | Actual |\n|---|---|---|\n| Sales | 10 | 11 |\n\n## Outlook\n\nQ4 looks stable.\n",
    ),
    (
        "document",
        "report.md",
        "# 关于办公用房情况的调研报告\n\n根据安排，我们对各部门办公用房进行了调研，现将情况报告如下。\n\n一、基本情况\n二、存在问题\n三、建议\n",
    ),
    (
        "notice",
        "agm.md",
        "# Notice of Annual General Meeting\n\nNotice is hereby given that the annual general meeting will be held on 14 December 2026 at 14:30.\n\n## Business of the meeting\n\n1. To receive the annual report\n2. To elect directors\n\nBy order of the board\n",
    ),
    (
        "notice",
        "note.md",
        "# Office closure over the holidays\n\nTo all staff,\n\nPlease note that the office will be closed from 24 December to 2 January. For urgent matters please contact the duty desk.\n",
    ),
    (
        "notice",
        "放假.md",
        "# 关于2026年国庆节放假的通知\n\n各部门：\n\n现将2026年国庆节放假安排通知如下：10月1日至7日放假调休，共7天。\n\n特此通知。\n\n综合办公室\n2026年9月20日\n",
    ),
    ("notice", "公告.txt", "公告\n\n因系统维护，本周六全天暂停服务，请各单位提前安排。\n\n特此公告。\n\n信息中心\n2026年5月8日\n"),
    (
        "notice",
        "mail.md",
        "# Announcement: new opening hours\n\nWe are pleased to announce that, with effect from 1 May 2026, the reading room opens at eight.\n",
    ),
    (
        "letter",
        "letter.md",
        "Dear Ms Ford,\n\nThank you for your letter of 3 March. I have looked into the matter and I am glad to say that we can offer you the flat from June. You will find the contract enclosed; would you sign both copies and send one back to me?\n\nI look forward to hearing from you.\n\nYours sincerely,\nT. Becker\n",
    ),
    (
        "letter",
        "函.md",
        "# 关于商请支持场地的函\n\n某某公司：\n\n我单位拟于五月举办培训，商请贵公司支持场地。妥否，请函复。\n\n某某协会\n2026年4月1日\n",
    ),
    (
        "document",
        "bylaws.md",
        "# Bylaws\n\n## Article 1: Name\n\nThe name shall be the Garden Society.\n\n## Article 2: Meetings\n\nThe annual meeting shall be held in May. A quorum shall be ten members. Minutes shall be kept by the secretary and must be approved at the next meeting.\n\n## Article 3: Officers\n\nThe board shall elect a chair.\n",
    ),
    (
        "document",
        "制度.md",
        "# 会议管理制度\n\n## 第一章 总则\n\n第一条 为规范会议，制定本制度。\n\n第二条 会议纪要应当在三日内印发，不得拖延。\n",
    ),
    ("document", "policy.md", "# Travel policy\n\nEmployees must book through the desk. Receipts should be handed in within ten days.\n"),
    ("document", "recipe.md", "# Lemon cake\n\n- 200 g flour\n- 3 eggs\n\nBake for forty minutes.\n"),
    ("document", "todo.md", "# Things to do\n\n- [ ] buy toner\n- [ ] call the plumber\n- [x] water the plants\n"),
    (
        "document",
        "82.md",
        "# Agenda for the 82nd meeting of the Committee\n\n- **Host**: Harbour House\n- **Dates**: 20 to 22 April 2026\n\n## Agenda items\n\n1. Opening, welcome and roll call\n   1. Introduction of attendees\n   1. Host facilities\n1. Find volunteers for note taking\n1. Adoption of the agenda\n1. Approval of the minutes of the last meeting\n1. Secretary's report\n1. Any other business\n1. Adjournment\n",
    ),
    (
        "document",
        "board.md",
        "# Board meeting 14 May 2026\n\nInvited: A. Ford, R. Nair, L. Chen\n\n## Agenda\n\n- Minutes of the last meeting\n- Matters arising\n- Budget (20 min)\n- Staffing (10 min)\n\n## Joining the meeting\n\nDial in with the usual number.\n",
    ),
    (
        "minutes",
        "notes.md",
        "# 1 October 2026 meeting\n\n**In-person attendees:** Ann Lee (ALE), Bob Ray (BRY), Cy Dow (CDW)\n\n## Opening\n\nALE: Welcome to you all.\n\nBRY: May we begin with the lease?\n\nALE: Yes.\n\nCDW: I have the figures.\n\nBRY: They look fine to me.\n\n### Conclusion\n\n- The lease is renewed.\n",
    ),
    (
        "minutes",
        "board_minutes_2026_05_20.txt",
        "                    The Garden Society\n\n                 Board of Directors Meeting Minutes\n\n                           May 20, 2026\n\n1. Call to order\n\n    The meeting was scheduled for 10:30 and began at 10:33 when a\n    sufficient attendance to constitute a quorum was recognized.\n\n2. Roll Call\n\n    Directors Present:\n\n      Ann Lee\n      Bob Ray\n\n    Directors Absent:\n\n      none\n",
    ),
    (
        "document",
        "q1.md",
        "# Status report, first quarter 2026\n\n## Highlights\n\nThree releases were made this year.\n\n## Challenges\n\nTwo posts are vacant.\n\n## Next quarter\n\nHire.\n",
    ),
    (
        "document",
        "governance.md",
        "# Governance of the project\n\n## Steering committee\n\nThe committee must meet once a month. A quorum is half of the members. Decisions should be made by consensus; where that fails, a vote must be called.\n\n## Minutes\n\nMinutes must be published within a week.\n\n## Attendance\n\nMembers who miss three meetings should step down.\n",
    ),
    (
        "letter",
        "hooker.txt",
        "EXECUTIVE MANSION, May 1, 1863.\n\nMY DEAR SIR: I have placed you at the head of the Army. Of course I have done this upon what appear to me to be sufficient reasons, and yet I think it best for you to know that there are some things in regard to which I am not quite satisfied with you. I believe you to be a brave and skilful soldier, which of course I like. I also believe you do not mix politics with your profession, in which you are right. You have confidence in yourself, which is a valuable if not an indispensable quality. You are ambitious, which, within reasonable bounds, does good rather than harm. And now beware of rashness, but with energy go forward and give us victories.\n\nYours very truly,\n\nA. LINCOLN\n",
    ),
    (
        "notice",
        "psa.md",
        "# Planned maintenance on 3 June 2026\n\nThe booking system will be unavailable from 22:00 to 23:30. We are sorry for the inconvenience. For further information please contact the help desk.\n",
    ),
    (
        "notice",
        "call.md",
        "# Call for nominations to the board\n\nNominations for three seats are now open. Please send yours to the secretary no later than 30 June 2026.\n",
    ),
    (
        "notice",
        "release.md",
        "---\ntitle: Ledger 4.1.2 security release\ndate: 2026-03-02\n---\n\nLedger 4.1.2 fixes a vulnerability in 4.1.1. All users are encouraged to upgrade as soon as possible.\n",
    ),
    (
        "speech",
        "graduation.txt",
        "Madam President, members of the faculty, parents and graduates:\n\nI am honoured that you asked me to speak on this day. When I sat where you sit now, I did not listen to a word that was said, and I do not expect you to do better. But I ask you to take one thing with you, and I ask it as a friend. We are told that the world belongs to the bold. I have come to believe that it belongs to those who turn up: on time, with clean hands, and with some curiosity about the others in the room. My mother taught me that. She cleaned this hall for eleven years, and she knew more about this university than I ever will.\n\nSo turn up. Thank you, and good luck to you all.\n",
    ),
    (
        "annual-summary",
        "verein.md",
        "# Jahresbericht 2025\n\nIm vergangenen Jahr hat der Verein 40 Mitglieder gewonnen.\n\n## Finanzen\n\nDer Überschuss betrug 1.200 Euro.\n\n## Ausblick\n\n2026 feiern wir.\n",
    ),
    ("document", "计划.md", "# 2026年度工作计划\n\n一、指导思想\n二、主要任务\n三、保障措施\n"),
    ("document", "分工.md", "# 关于会议纪要管理的若干规定\n\n第一条 会议纪要应当由办公室起草。\n第二条 未经批准不得外传。\n"),
    (
        "notice",
        "会议.md",
        "# 关于召开年度工作总结会议的通知\n\n各部门：\n\n兹定于2026年12月28日召开年度工作总结会议，请准时参加。\n\n一、会议时间：12月28日上午9:00\n二、会议地点：三楼会议室\n三、参会人员：各部门负责人\n\n办公室\n2026年12月20日\n",
    ),
];
