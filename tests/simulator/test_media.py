"""Photos, documents and voice messages, up and down."""

import io

import pytest
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto

from simulator.images import image_size
from tests.simulator.stage import ANNA, CARL, MING, Stage, png


async def test_a_photo_goes_up_with_its_size_and_caption(stage: Stage) -> None:
    message = await stage.bot.send_photo(
        ANNA, BufferedInputFile(png(40, 30), "a.png"), caption="<b>QR</b>", parse_mode="HTML"
    )
    assert message.photo is not None
    assert (message.photo[-1].width, message.photo[-1].height) == (40, 30)
    assert message.caption == "QR"


async def test_a_photo_can_be_sent_again_by_its_identifier(stage: Stage) -> None:
    first = await stage.bot.send_photo(ANNA, BufferedInputFile(png(), "a.png"))
    assert first.photo is not None
    again = await stage.bot.send_photo(MING, first.photo[-1].file_id)
    assert again.photo is not None
    assert again.photo[-1].file_unique_id == first.photo[-1].file_unique_id


async def test_a_document_keeps_its_name_and_type(stage: Stage) -> None:
    message = await stage.bot.send_document(ANNA, BufferedInputFile(b"%PDF-1.7", "还款 plan.pdf"))
    assert message.document is not None
    assert message.document.file_name == "还款 plan.pdf"
    assert message.document.mime_type == "application/pdf"
    assert message.document.file_size == 8


async def test_a_voice_message_has_its_duration(stage: Stage) -> None:
    message = await stage.bot.send_voice(ANNA, BufferedInputFile(b"OggS...", "a.ogg"), duration=4)
    assert message.voice is not None
    assert (message.voice.duration, message.voice.mime_type) == (4, "audio/ogg")


async def test_a_sticker_is_sent(stage: Stage) -> None:
    message = await stage.bot.send_sticker(ANNA, BufferedInputFile(b"RIFF", "a.webp"), emoji="🙏")
    assert message.sticker is not None
    assert message.sticker.emoji == "🙏"


async def test_an_album_is_several_messages_with_one_group(stage: Stage) -> None:
    photos = [
        InputMediaPhoto(media=BufferedInputFile(png(), f"{number}.png"), caption=str(number))
        for number in range(3)
    ]
    messages = await stage.bot.send_media_group(ANNA, photos)
    assert [message.caption for message in messages] == ["0", "1", "2"]
    assert len({message.media_group_id for message in messages}) == 1
    assert messages[0].media_group_id


async def test_an_album_of_documents_goes_too(stage: Stage) -> None:
    files = [InputMediaDocument(media=BufferedInputFile(b"x", f"{n}.txt")) for n in range(2)]
    messages = await stage.bot.send_media_group(ANNA, files)
    assert [message.document and message.document.file_name for message in messages] == [
        "0.txt",
        "1.txt",
    ]


@pytest.mark.parametrize("kind", ["photo", "document", "voice"])
async def test_what_a_person_attaches_can_be_downloaded(stage: Stage, kind: str) -> None:
    data = png() if kind == "photo" else b"\x00\x01receipt"
    await stage.attaches(ANNA, kind, ("receipt.png", data), caption="paid")
    [update] = await stage.updates()
    message = update.message
    assert message is not None
    assert message.caption == "paid"
    media = message.photo[-1] if message.photo else message.document or message.voice
    assert media is not None
    file = await stage.bot.get_file(media.file_id)
    assert file.file_path is not None
    taken = await stage.bot.download_file(file.file_path, io.BytesIO())
    assert taken is not None
    assert taken.read() == data


async def test_the_page_shows_and_saves_files(stage: Stage) -> None:
    [photo] = await stage.attaches(ANNA, "photo", ("a.png", png()))
    async with stage.page.get(photo["sim"]["media_url"]) as answer:
        assert answer.headers["content-type"] == "image/png"
        assert await answer.read() == png()
    [page] = await stage.attaches(ANNA, "document", ("a.html", b"<script>alert(1)</script>"))
    async with stage.page.get(page["sim"]["media_url"]) as answer:
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_persons_album_is_several_updates_with_one_group(stage: Stage) -> None:
    await stage.attaches(ANNA, "photo", ("a.png", png()), ("b.png", png()), caption="both pages")
    first, second = await stage.updates()
    assert first.message is not None
    assert second.message is not None
    assert first.message.media_group_id == second.message.media_group_id
    assert (first.message.caption, second.message.caption) == ("both pages", None)


async def test_a_photo_travels_from_borrower_to_collector_by_identifier(stage: Stage) -> None:
    [photo] = await stage.attaches(ANNA, "photo", ("a.png", png()))
    await stage.bot.send_photo(CARL, photo["photo"][-1]["file_id"])
    assert "photo" in (await stage.seen(CARL, CARL))[-1]


async def test_a_file_path_that_is_not_there_is_not_found(stage: Stage) -> None:
    for path in ("photos/file_9.jpg", "../etc/passwd", ""):
        async with stage.page.get(f"/file/bot{stage.sim.token}/{path}") as answer:
            assert answer.status == 404


async def test_files_are_for_the_bots_token_only(stage: Stage) -> None:
    [sent] = await stage.attaches(ANNA, "document", ("a.txt", b"x"))
    path = (await stage.bot.get_file(sent["document"]["file_id"])).file_path
    async with stage.page.get(f"/file/bot7000000001:other/{path}") as answer:
        assert answer.status == 401


async def test_a_person_cannot_send_a_photo_that_is_none(stage: Stage) -> None:
    path = f"/sim/people/{ANNA}/chats/{ANNA}/messages"
    form = {"kind": "photo", "file": io.BytesIO(b"no picture")}
    async with stage.page.post(path, data=form) as answer:
        assert answer.status == 400
        assert "IMAGE_PROCESS_FAILED" in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(7, 9), (7, 9)),
        (b"GIF89a\x03\x00\x05\x00", (3, 5)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x10\x00\x20", (32, 16)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x09\0\0\x04\0\0", (10, 5)),
        (b"\xff\xd8\xff\xe0", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"", None),
    ],
)
def test_sizes_are_read_from_the_first_bytes(data: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(data) == size
